#include "preannotate/quality/strangeness.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace preannotate {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();

/// In sums of their own for each lane, which a processor adds at once: predict does this for every
/// image with all of its class.
double distance(std::span<const float> a, std::span<const float> b) {
  constexpr std::size_t kLanes = 16;
  float sums[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float apart = a[i + lane] - b[i + lane];
      sums[lane] += apart * apart;
    }
  }
  for (; i < a.size(); ++i) sums[0] += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(std::accumulate(std::begin(sums), std::end(sums), 0.0));
}

/// Takes `value` among the least seen, which ascend; the largest goes.
template <std::size_t N>
void take(double (&least)[N], double value) {
  if (value >= least[N - 1]) return;
  std::size_t at = N - 1;
  for (; at > 0 && least[at - 1] > value; --at) least[at] = least[at - 1];
  least[at] = value;
}

template <std::size_t N>
double mean(const double (&values)[N]) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / N;
}

}  // namespace

StrangenessScale::StrangenessScale(SeedFeatures seed) : seed_(std::move(seed)) {
  assert(seed_.rows.size() == seed_.classes.size() * seed_.dimension);
  std::vector<std::size_t> counts;
  for (const int category : seed_.classes) {
    const auto c = static_cast<std::size_t>(category);
    if (c >= counts.size()) counts.resize(c + 1, 0);
    ++counts[c];
  }
  std::size_t large = 0;
  for (const std::size_t count : counts) large += count >= kLeastStratum;
  strata_.assign(counts.size(), large);
  for (std::size_t c = 0, next = 0; c < counts.size(); ++c) {
    if (counts[c] >= kLeastStratum) strata_[c] = next++;
  }
  members_.resize(large + 1);
  const std::span<const float> rows(seed_.rows);
  for (std::size_t row = 0; row < seed_.classes.size(); ++row) {
    Member added{row, {}};
    std::fill(std::begin(added.nearest), std::end(added.nearest), kNone);
    auto& stratum = members_[stratum_of(seed_.classes[row])];
    const auto values = rows.subspan(row * seed_.dimension, seed_.dimension);
    for (Member& other : stratum) {
      const double apart =
          distance(values, rows.subspan(other.row * seed_.dimension, seed_.dimension));
      take(other.nearest, apart);
      take(added.nearest, apart);
    }
    stratum.push_back(added);
  }
  for (const auto& stratum : members_) sizes_.push_back(stratum.size());
}

std::size_t StrangenessScale::stratum_of(int category) const {
  const auto c = static_cast<std::size_t>(category);
  return c < strata_.size() ? strata_[c] : members_.size() - 1;
}

std::optional<Strangeness> StrangenessScale::of(std::span<const float> row, int category) const {
  assert(row.size() == seed_.dimension);
  const auto& stratum = members_[stratum_of(category)];
  if (stratum.size() < kLeastStratum) return std::nullopt;
  const std::span<const float> rows(seed_.rows);
  double nearest[kNearest];
  std::fill(std::begin(nearest), std::end(nearest), kNone);
  std::vector<double> apart;
  for (const Member& member : stratum) {
    apart.push_back(distance(row, rows.subspan(member.row * seed_.dimension, seed_.dimension)));
    take(nearest, apart.back());
  }
  Strangeness found{mean(nearest), 0};
  for (std::size_t i = 0; i < stratum.size(); ++i) {
    Member with_it = stratum[i];
    take(with_it.nearest, apart[i]);
    const double its = mean(with_it.nearest);
    found.share += its < found.distance ? 1 : its == found.distance ? 0.5 : 0;
  }
  found.share /= static_cast<double>(stratum.size());
  return found;
}

}  // namespace preannotate
