#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace preannotate {

/// Images of the seed that others are held against: their features, and the class that a model gave
/// each of them which had not learned from it.
struct SeedFeatures {
  std::size_t dimension = 0;
  std::vector<float> rows;   // [N, dimension]; what an image's row is compared with
  std::vector<int> classes;  // [N], >= 0
};

/// How far an image lies from its like in the seed.
struct Strangeness {
  double distance = 0;  // mean to the nearest images of its stratum
  double share = 0;     // of the stratum's images, those that lie less far from the others, [0, 1]
};

/// Full conformal prediction (Vovk, Gammerman, Shafer 2005, 2.2) with the mean distance to the
/// `kNearest` nearest images of the stratum as nonconformity, Mondrian: a stratum is a class, so
/// that a mere change of how frequent classes are changes nothing. The image joins the stratum
/// before each of its images is measured against all others there; among n + 1 images of one
/// distribution each rank is equally likely, so `share` has mean 1/2 whatever n is.
///
/// Classes of fewer than `kLeastStratum` images share a stratum, and so do classes that no image
/// of the seed was given; where that is smaller still there is no strangeness.
class StrangenessScale {
 public:
  static constexpr std::size_t kNearest = 5, kLeastStratum = 10;

  explicit StrangenessScale(SeedFeatures seed);

  /// `row` [dimension], of an image that is not in the seed.
  std::optional<Strangeness> of(std::span<const float> row, int category) const;
  /// Stratum of a class, an index into stratum_sizes().
  std::size_t stratum_of(int category) const;
  const std::vector<std::size_t>& stratum_sizes() const { return sizes_; }

 private:
  struct Member {
    std::size_t row;
    double nearest[kNearest];  // distances to the nearest others, ascending
  };

  SeedFeatures seed_;
  std::vector<std::size_t> strata_;           // [classes]
  std::vector<std::vector<Member>> members_;  // [strata]; the last is what small classes share
  std::vector<std::size_t> sizes_;            // [strata]
};

}  // namespace preannotate
