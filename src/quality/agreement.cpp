#include "preannotate/quality/agreement.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace preannotate {

namespace {

constexpr float kMatchedIou = 0.5f;

/// IoU of each matched pair.
std::vector<double> matched(const BoxesOfTwo& pair) {
  struct Overlap {
    float iou;
    size_t i, j;
  };
  std::vector<Overlap> overlaps;
  for (size_t i = 0; i < pair.one.size(); ++i) {
    for (size_t j = 0; j < pair.other.size(); ++j) {
      const float shared = iou(pair.one[i].box, pair.other[j].box);
      if (pair.one[i].category == pair.other[j].category && shared >= kMatchedIou)
        overlaps.push_back({shared, i, j});
    }
  }
  std::stable_sort(overlaps.begin(), overlaps.end(),
                   [](const Overlap& a, const Overlap& b) { return a.iou > b.iou; });
  std::set<size_t> used_one, used_other;
  std::vector<double> ious;
  for (const Overlap& overlap : overlaps) {
    if (used_one.contains(overlap.i) || used_other.contains(overlap.j)) continue;
    used_one.insert(overlap.i);
    used_other.insert(overlap.j);
    ious.push_back(overlap.iou);
  }
  return ious;
}

}  // namespace

std::optional<double> cohen_kappa(const std::vector<Ratings>& rated) {
  std::set<std::string> people;
  for (const Ratings& ratings : rated) {
    for (const auto& [person, category] : ratings) people.insert(person);
  }
  if (people.size() > 2) throw std::invalid_argument("Cohen's kappa is of two people");
  std::map<int, double> first, second;  // how often each says a category
  double both = 0, agreed = 0;
  for (const Ratings& ratings : rated) {
    if (ratings.size() != 2) continue;
    const int one = ratings.begin()->second, other = ratings.rbegin()->second;
    ++first[one];
    ++second[other];
    ++both;
    agreed += one == other;
  }
  double expected = 0;  // agreements by chance
  for (const auto& [category, count] : first) {
    const auto other = second.find(category);
    if (other != second.end()) expected += count * other->second / both;
  }
  if (both == 0 || expected >= both) return std::nullopt;
  return (agreed - expected) / (both - expected);
}

std::optional<double> krippendorff_alpha(const std::vector<Ratings>& rated) {
  std::map<int, double> said;  // how often a category was said, of what can be paired
  double all = 0, disagreed = 0;
  for (const Ratings& ratings : rated) {
    if (ratings.size() < 2) continue;
    const auto people = static_cast<double>(ratings.size());
    std::map<int, double> here;
    for (const auto& [person, category] : ratings) {
      ++here[category];
      ++said[category];
    }
    all += people;
    double agreed = 0;  // ordered pairs
    for (const auto& [category, count] : here) agreed += count * (count - 1);
    disagreed += (people * (people - 1) - agreed) / (people - 1);
  }
  double alike = 0;
  for (const auto& [category, count] : said) alike += count * (count - 1);
  const double expected = all < 2 ? 0 : (all * (all - 1) - alike) / (all - 1);
  if (expected <= 0) return std::nullopt;
  return 1 - disagreed / expected;
}

std::optional<BoxAgreement> box_agreement(const std::vector<BoxesOfTwo>& pairs) {
  if (pairs.empty()) return std::nullopt;
  BoxAgreement agreement;
  double matches = 0;
  for (const BoxesOfTwo& pair : pairs) {
    const auto ious = matched(pair);
    const size_t boxes = pair.one.size() + pair.other.size();
    agreement.f1 +=
        boxes == 0 ? 1 : 2 * static_cast<double>(ious.size()) / static_cast<double>(boxes);
    for (const double value : ious) agreement.iou += value;
    matches += static_cast<double>(ious.size());
  }
  agreement.f1 /= static_cast<double>(pairs.size());
  if (matches > 0) agreement.iou /= matches;
  return agreement;
}

}  // namespace preannotate
