#pragma once

#include <cstddef>
#include <vector>

#include "preannotate/metrics/detection.h"
#include "preannotate/quality/human_cost.h"

namespace preannotate {

/// One image made ready to be corrected many times at different thresholds.
class CorrectionScene {
 public:
  explicit CorrectionScene(const DetectionImage& image);

  /// The counts, without seconds, when drafts with score >= thresholds[category] are shown.
  CorrectionEffort correct(const std::vector<double>& thresholds) const;

  /// The same, [categories]: found and missed by the object's category, shown and false by the
  /// draft's.
  std::vector<CorrectionEffort> correct_by_category(const std::vector<double>& thresholds) const;

  /// Distinct scores of the drafts of a category (all: -1), falling.
  std::vector<double> scores(int category) const;

 private:
  struct Near {
    size_t object;
    float iou;  // >= 0.5
    bool same;  // category
  };
  struct Draft {
    double score;
    int category;
    bool on_crowd;
    std::vector<Near> near;
  };
  enum class Fit { kRight, kBadlyPlaced, kSwapped };

  static bool fits(const Near& near, Fit fit);
  long take(Fit fit, const std::vector<double>& thresholds, std::vector<char>& object_taken,
            std::vector<char>& draft_taken) const;

  std::vector<Draft> drafts_;  // best score first
  std::vector<int> objects_;   // their categories; crowds left out
};

}  // namespace preannotate
