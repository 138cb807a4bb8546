#include "preannotate/quality/paired_difference.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

struct Group {
  double sum = 0, items = 0;
};

std::vector<Group> groups_of(const std::vector<double>& a, const std::vector<double>& b,
                             const std::vector<size_t>& group) {
  std::map<size_t, Group> by_name;
  for (size_t i = 0; i < a.size(); ++i) {
    Group& its = by_name[group[i]];
    its.sum += a[i] - b[i];
    ++its.items;
  }
  std::vector<Group> groups;
  for (const auto& [name, its] : by_name) groups.push_back(its);
  return groups;
}

double mean(const Group& whole) {
  return whole.items > 0 ? whole.sum / whole.items : 0;
}

}  // namespace

PairedDifference paired_difference(const std::vector<double>& a, const std::vector<double>& b,
                                   const std::vector<size_t>& group, std::uint64_t seed,
                                   int draws) {
  assert(a.size() == b.size() && a.size() == group.size() && draws > 0);
  const auto groups = groups_of(a, b, group);
  Group all;
  for (const auto& one : groups) all = {all.sum + one.sum, all.items + one.items};
  const double value = mean(all);
  if (groups.size() < 2) return {value, std::min(value, 0.0), std::max(value, 0.0)};

  Random random(seed);
  std::vector<double> drawn;
  for (int draw = 0; draw < draws; ++draw) {
    Group sample;
    for (size_t k = 0; k < groups.size(); ++k) {
      const Group& one = groups[random.below(groups.size())];
      sample = {sample.sum + one.sum, sample.items + one.items};
    }
    drawn.push_back(mean(sample));
  }
  std::sort(drawn.begin(), drawn.end());
  const auto at = [&](double share) {
    return drawn[static_cast<size_t>(share * static_cast<double>(drawn.size() - 1) + 0.5)];
  };
  return {value, at(0.025), at(0.975)};
}

}  // namespace preannotate
