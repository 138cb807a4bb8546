#include "preannotate/pipeline/batch_choice.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/core.hpp>
#include <queue>

#include "preannotate/core/random.h"

namespace preannotate {

namespace {

constexpr double kReach = 1.0;           // s, where two images are sqrt(2) apart on average
constexpr std::size_t kMostRows = 4000;  // of one table of all pairs: 64 MB
constexpr double kLeastWeight = 1e-6;
constexpr double kMostBalance = 2;  // times that a rare class counts more than the mean one
// Of k-means, whose time grows with images x clusters.
constexpr int kRounds = 30, kStarts = 3;
constexpr std::size_t kMostClusters = 500;
constexpr std::size_t kFastTable = 100000;  // images x clusters from which one start has to do

cv::Mat matrix_of(const FeatureRows& rows) {
  return cv::Mat(static_cast<int>(rows.rows()), static_cast<int>(rows.columns), CV_32F,
                 const_cast<float*>(rows.values.data()));
}

cv::Mat mean_row(const cv::Mat& rows) {
  cv::Mat mean;
  cv::reduce(rows, mean, 0, cv::REDUCE_AVG, CV_32F);
  return mean;
}

/// Rows less `mean`, of length 1: how far two images are apart then is the same for all backbones,
/// sqrt(2) on average. A row that is the mean stays 0.
cv::Mat directions(const FeatureRows& features, const cv::Mat& mean) {
  cv::Mat rows = matrix_of(features).clone();
  for (int i = 0; i < rows.rows; ++i) {
    cv::Mat row = rows.row(i);
    row -= mean;
    const double length = cv::norm(row);
    if (length > 0) row /= length;
  }
  return rows;
}

/// exp(-|a - b|^2 / s^2) of each row of `a` and each of `b`.
cv::Mat likeness(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat result;
  cv::gemm(a, b, 2 / (kReach * kReach), cv::noArray(), 0, result, cv::GEMM_2_T);
  result -= 2 / (kReach * kReach);
  cv::exp(result, result);
  return result;
}

cv::Mat rows_at(const cv::Mat& all, const std::vector<std::size_t>& rows) {
  cv::Mat result(0, all.cols, all.type());
  result.reserve(rows.size());
  for (const std::size_t row : rows) result.push_back(all.row(static_cast<int>(row)));
  return result;
}

/// Greedy choice among some of the candidates. What a candidate would add to the sum only falls as
/// others are taken, so that it is computed anew only for those that came first by what it was.
class Herd {
 public:
  /// rows: positions in `directions`, at most kMostRows; weight: u of each row of `directions`;
  /// taken: directions of what has a label, or is chosen already.
  Herd(const cv::Mat& directions, const std::vector<std::size_t>& rows,
       const std::vector<double>& weight, const cv::Mat& taken);

  /// Takes the row that adds most, of equal ones the first; its position in `rows`. At most as
  /// often as there are rows.
  std::size_t take();

 private:
  struct Added {
    double sum;
    std::size_t position, after;  // when `after` rows were taken
    bool operator<(const Added& other) const {
      return sum != other.sum ? sum < other.sum : position > other.position;
    }
  };
  void cover_all(const cv::Mat& own, const cv::Mat& taken);
  double added_by(std::size_t position) const;

  cv::Mat like_;                // [rows, rows]
  std::vector<float> weight_;   // u
  std::vector<float> covered_;  // the most that a taken row is like it
  std::priority_queue<Added> free_;
  std::size_t taken_ = 0;
};

Herd::Herd(const cv::Mat& directions, const std::vector<std::size_t>& rows,
           const std::vector<double>& weight, const cv::Mat& taken)
    : covered_(rows.size(), 0.F) {
  const cv::Mat own = rows_at(directions, rows);
  like_ = likeness(own, own);
  for (const std::size_t row : rows) weight_.push_back(static_cast<float>(weight[row]));
  if (taken.rows > 0) cover_all(own, taken);
  for (std::size_t i = 0; i < rows.size(); ++i) free_.push({added_by(i), i, 0});
}

void Herd::cover_all(const cv::Mat& own, const cv::Mat& taken) {
  for (int begin = 0; begin < taken.rows; begin += static_cast<int>(kMostRows)) {
    const int end = std::min(taken.rows, begin + static_cast<int>(kMostRows));
    cv::Mat most;
    cv::reduce(likeness(own, taken.rowRange(begin, end)), most, 1, cv::REDUCE_MAX);
    for (std::size_t i = 0; i < covered_.size(); ++i)
      covered_[i] = std::max(covered_[i], most.at<float>(static_cast<int>(i)));
  }
}

double Herd::added_by(std::size_t position) const {
  const float* like = like_.ptr<float>(static_cast<int>(position));
  float sum = 0;
  for (std::size_t i = 0; i < covered_.size(); ++i)
    sum += weight_[i] * std::max(0.F, like[i] - covered_[i]);
  return sum;
}

std::size_t Herd::take() {
  Added best = free_.top();
  while (best.after < taken_) {
    free_.pop();
    free_.push({added_by(best.position), best.position, taken_});
    best = free_.top();
  }
  free_.pop();
  ++taken_;
  const float* like = like_.ptr<float>(static_cast<int>(best.position));
  for (std::size_t i = 0; i < covered_.size(); ++i) covered_[i] = std::max(covered_[i], like[i]);
  return best.position;
}

/// Of each class, from how many labels there are: half as much of a class with four times the mean.
std::vector<double> class_weights(std::span<const std::size_t> counts) {
  double mean = 0;
  for (const std::size_t count : counts)
    mean += static_cast<double>(count) / static_cast<double>(counts.size());
  std::vector<double> weights;
  for (const std::size_t count : counts) {
    const double ratio = (mean + 1) / (static_cast<double>(count) + 1);
    weights.push_back(std::clamp(std::sqrt(ratio), 1 / kMostBalance, kMostBalance));
  }
  return weights;
}

std::vector<double> weights_of(const BatchCandidates& candidates) {
  const std::vector<double> of_class = class_weights(candidates.class_counts);
  std::vector<double> weights;
  for (std::size_t i = 0; i < candidates.uncertainty.size(); ++i) {
    // Where a model is sure of all there is nothing to choose by but what stands for many.
    double weight = std::max(candidates.uncertainty[i], kLeastWeight);
    const int predicted = i < candidates.predicted.size() ? candidates.predicted[i] : -1;
    if (predicted >= 0 && static_cast<std::size_t>(predicted) < of_class.size())
      weight *= of_class[static_cast<std::size_t>(predicted)];
    weights.push_back(weight);
  }
  return weights;
}

/// Positions of the rows nearest to the centres of `clusters` < rows, of the largest cluster first.
std::vector<std::size_t> centre_rows(const cv::Mat& points, std::size_t clusters) {
  const auto rows = static_cast<std::size_t>(points.rows);
  cv::Mat cluster, centres;
  cv::kmeans(points, static_cast<int>(clusters), cluster,
             cv::TermCriteria(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, kRounds, 1e-4),
             rows * clusters > kFastTable ? 1 : kStarts, cv::KMEANS_PP_CENTERS, centres);
  std::vector<std::size_t> size(clusters, 0), nearest(clusters, rows);
  std::vector<double> distance(clusters, 0);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto c = static_cast<std::size_t>(cluster.at<int>(static_cast<int>(i)));
    const double d = cv::norm(points.row(static_cast<int>(i)), centres.row(static_cast<int>(c)));
    if (size[c]++ > 0 && d >= distance[c]) continue;
    distance[c] = d;
    nearest[c] = i;
  }
  std::vector<std::size_t> order(clusters);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return size[a] > size[b]; });
  std::vector<std::size_t> chosen;
  for (const std::size_t c : order) chosen.push_back(nearest[c]);
  return chosen;
}

/// What `some` of `rows` take of a budget that is not more than `rows`: not more than `some`, nor
/// does it leave the others with more than they are.
std::size_t share_of(std::size_t budget, std::size_t some, std::size_t rows) {
  return (budget * some + rows - 1) / rows;
}

/// Part `part` of `parts` of about equal length.
std::vector<std::size_t> part_of(const std::vector<std::size_t>& all, std::size_t part,
                                 std::size_t parts) {
  const auto begin = all.begin();
  return {begin + static_cast<std::ptrdiff_t>(all.size() * part / parts),
          begin + static_cast<std::ptrdiff_t>(all.size() * (part + 1) / parts)};
}

}  // namespace

std::vector<std::size_t> cold_start(const FeatureRows& features, std::size_t budget,
                                    std::uint64_t seed) {
  std::vector<std::size_t> order(features.rows());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (budget >= order.size()) return order;
  if (budget == 0) return {};
  Random random(seed);
  const cv::Mat points = directions(features, mean_row(matrix_of(features)));
  cv::theRNG().state = random.next();
  if (budget <= kMostClusters) return centre_rows(points, budget);
  random.shuffle(order);
  const std::size_t parts = (budget + kMostClusters - 1) / kMostClusters;
  std::vector<std::size_t> chosen;
  for (std::size_t part = 0, rows = order.size(); part < parts; ++part) {
    const auto some = part_of(order, part, parts);
    const std::size_t clusters = share_of(budget - chosen.size(), some.size(), rows);
    for (const std::size_t row : centre_rows(rows_at(points, some), clusters))
      chosen.push_back(some[row]);
    rows -= some.size();
  }
  return chosen;
}

Batch choose_batch(const BatchCandidates& candidates, const BatchOptions& options) {
  const std::size_t rows = candidates.features.rows();
  const std::size_t budget = std::min(options.budget, rows);
  Random random(options.seed);
  std::vector<std::size_t> order(rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  random.shuffle(order);
  const auto share = std::llround(options.blind * static_cast<double>(budget));
  Batch batch;
  batch.blind.assign(order.begin(), order.begin() + share);
  std::size_t left = budget - batch.blind.size();
  if (left == 0) return batch;

  const cv::Mat mean = mean_row(matrix_of(candidates.features));
  const cv::Mat points = directions(candidates.features, mean);
  cv::Mat taken(0, points.cols, CV_32F);
  if (candidates.labelled.rows() > 0) taken.push_back(directions(candidates.labelled, mean));
  if (!batch.blind.empty()) taken.push_back(rows_at(points, batch.blind));
  const std::vector<double> weight = weights_of(candidates);
  order.erase(order.begin(), order.begin() + share);
  const std::size_t parts = (order.size() + kMostRows - 1) / kMostRows;
  for (std::size_t part = 0, open = order.size(); part < parts; ++part) {
    const auto some = part_of(order, part, parts);
    Herd herd(points, some, weight, taken);
    const std::size_t wanted = share_of(left, some.size(), open);
    open -= some.size();
    left -= wanted;
    for (std::size_t i = 0; i < wanted; ++i) {
      const std::size_t row = some[herd.take()];
      batch.chosen.push_back(row);
      taken.push_back(points.row(static_cast<int>(row)));
    }
  }
  return batch;
}

}  // namespace preannotate
