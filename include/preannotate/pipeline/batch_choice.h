#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace preannotate {

/// Features of images, one row each.
struct FeatureRows {
  std::span<const float> values;  // [rows, columns], row-major
  std::size_t columns = 0;

  std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
};

/// What is known of the images that a batch is chosen from, in the order of their features.
struct BatchCandidates {
  FeatureRows features;                 // [N, D]
  std::span<const double> uncertainty;  // [N], [0, 1]: 1 - margin
  std::span<const int> predicted;       // [N] class, -1 for none; may be empty
  /// [M, D] of images that have labels: what they cover is not asked again. May be empty.
  FeatureRows labelled;
  /// [C] labels of each class so far; candidates of a class with few weigh up to twice as much, of
  /// one with many down to half. Empty: classes weigh alike.
  std::span<const std::size_t> class_counts;
};

struct BatchOptions {
  std::size_t budget = 0;  // images
  double blind = 0.15;     // share of them that is drawn uniformly
  std::uint64_t seed = 0;
};

/// Rows of the candidates, each once.
struct Batch {
  std::vector<std::size_t> chosen;  // the most useful first
  std::vector<std::size_t> blind;   // a uniform sample of all candidates, in random order
};

/// The first batch, without a model: the images nearest to the centres of k-means with `budget`
/// clusters (k-means++), those of the largest clusters first. All rows where there are not more. A
/// budget above 500 is spread over random parts of the images, since k-means would take hours.
std::vector<std::size_t> cold_start(const FeatureRows& features, std::size_t budget,
                                    std::uint64_t seed);

/// The next batch. The blind part is drawn first, uniformly, so that it tells of all candidates.
/// The others are chosen one by one, each to raise
///   sum over candidates x of u(x) max over chosen and labelled c of exp(-|x - c|^2 / s^2)
/// most (uncertainty herding: Bae, Oliveira, Sutherland, ICLR 2025, arXiv 2412.20644), u being the
/// uncertainty times the weight of the predicted class, x and c the directions of features from
/// their mean, s = 1: an image that is unsure, stands for many unsure ones and is unlike what has a
/// label. Of more than 4,000 candidates, equal parts are chosen from one after the other.
/// Deterministic for a seed.
Batch choose_batch(const BatchCandidates& candidates, const BatchOptions& options);

}  // namespace preannotate
