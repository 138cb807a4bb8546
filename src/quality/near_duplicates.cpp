#include "preannotate/quality/near_duplicates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace preannotate {
namespace {

constexpr size_t kNearest = 10;
constexpr size_t kLanes = 16;       // sums side by side, so that the compiler may use vectors
constexpr double kSmallest = 1e-6;  // rounding of a float's cosine; the median is not below

float dot(const std::vector<float>& a, const std::vector<float>& b) {
  std::array<float, kLanes> sums{};
  size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) sums[k] += a[i + k] * b[i + k];
  }
  float sum = 0;
  for (; i < a.size(); ++i) sum += a[i] * b[i];
  for (const float lane : sums) sum += lane;
  return sum;
}

/// Each row at length 1; a row of zeros becomes empty: it has no direction.
std::vector<std::vector<float>> directions(std::vector<std::vector<float>> rows) {
  for (auto& row : rows) {
    double squares = 0;
    for (const float value : row) squares += static_cast<double>(value) * value;
    if (squares <= 0) {
      row.clear();
      continue;
    }
    const auto scale = static_cast<float>(1 / std::sqrt(squares));
    for (float& value : row) value *= scale;
  }
  return rows;
}

/// The nearest items of one, nearest first.
class Nearest {
 public:
  void add(double distance, size_t item) {
    if (found_.size() == kNearest && distance >= found_.back().first) return;
    const auto entry = std::make_pair(distance, item);
    found_.insert(std::upper_bound(found_.begin(), found_.end(), entry), entry);
    if (found_.size() > kNearest) found_.pop_back();
  }
  const std::vector<std::pair<double, size_t>>& found() const { return found_; }

 private:
  std::vector<std::pair<double, size_t>> found_;
};

std::vector<Nearest> nearest_items(const std::vector<std::vector<float>>& directions,
                                   const std::vector<std::string>& sha256) {
  std::vector<Nearest> nearest(directions.size());
  for (size_t a = 0; a < directions.size(); ++a) {
    if (directions[a].empty()) continue;
    for (size_t b = a + 1; b < directions.size(); ++b) {
      if (directions[b].empty() || sha256[a] == sha256[b]) continue;
      const double distance =
          std::max(0.0, 1.0 - static_cast<double>(dot(directions[a], directions[b])));
      nearest[a].add(distance, b);
      nearest[b].add(distance, a);
    }
  }
  return nearest;
}

/// As NumPy's: the mean of the middle two of an even number.
double median_of_nearest(const std::vector<Nearest>& nearest) {
  std::vector<double> distances;
  for (const auto& item : nearest) {
    if (!item.found().empty()) distances.push_back(item.found().front().first);
  }
  if (distances.empty()) return kSmallest;
  std::sort(distances.begin(), distances.end());
  const size_t middle = distances.size() / 2;
  const double median =
      distances.size() % 2 ? distances[middle] : (distances[middle - 1] + distances[middle]) / 2;
  return std::max(median, kSmallest);
}

void add_identical(const std::vector<std::string>& sha256, std::vector<NearPair>& pairs) {
  std::map<std::string, std::vector<size_t>> items;
  for (size_t i = 0; i < sha256.size(); ++i) items[sha256[i]].push_back(i);
  for (const auto& [hash, same] : items) {
    for (size_t a = 0; a < same.size(); ++a) {
      for (size_t b = a + 1; b < same.size(); ++b) pairs.push_back({same[a], same[b], 0, true});
    }
  }
}

}  // namespace

std::vector<NearPair> near_duplicates(const std::vector<std::vector<float>>& features,
                                      const std::vector<std::string>& sha256, double share) {
  std::vector<NearPair> pairs;
  add_identical(sha256, pairs);
  const auto nearest = nearest_items(directions(features), sha256);
  const double median = median_of_nearest(nearest);
  std::set<std::pair<size_t, size_t>> seen;
  for (size_t i = 0; i < nearest.size(); ++i) {
    for (const auto& [distance, other] : nearest[i].found()) {
      if (distance >= share * median) break;
      const auto [a, b] = std::minmax(i, other);
      if (seen.emplace(a, b).second) pairs.push_back({a, b, distance / median, false});
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](const NearPair& x, const NearPair& y) {
    return std::tie(y.identical, x.distance, x.a, x.b) <
           std::tie(x.identical, y.distance, y.a, y.b);
  });
  return pairs;
}

}  // namespace preannotate
