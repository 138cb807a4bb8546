#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "preannotate/core/json.h"

namespace preannotate {

/// A label of a multi-label image is drafted from this probability on.
inline constexpr double kLabelThreshold = 0.5;

/// [N][classes] 0/1 of category indices.
std::vector<std::vector<int>> label_matrix(const std::vector<std::vector<int>>& labels,
                                           size_t classes);

/// Scores of images whose labels are known; what train's validation and evaluate both measure.
struct Judged {
  std::vector<std::string> images;          // keys, [N]
  std::vector<std::vector<double>> scores;  // [N][C] probabilities; empty row: no draft was made
  std::vector<std::vector<int>> labels;     // [N] category indices; classify: exactly one
};

/// The most probable class of a row, -1 for an empty row; the first of equal scores.
int top_class(const std::vector<double>& scores);

/// metrics.json's "validation" object (see report.h): accuracy or mAP with intervals, per class,
/// confusion, ECE ("ece_if_calibrated": what a perfectly calibrated model would show on as many,
/// mean and 95 % point) and reliability. `method` says where the labels come from ("5-fold
/// out-of-fold").
Json validation_figures(const Judged& judged, const std::string& task,
                        const std::vector<std::string>& classes, const std::string& method,
                        std::uint64_t seed);

/// One line: "accuracy 0.803 (95 % interval 0.754-0.845), macro F1 0.79, ECE 0.03, 300 images".
std::string figures_line(const Json& validation);

/// One image that the head got wrong.
struct Mistake {
  size_t index = 0;  // into Judged
  std::string truth, predicted;
  double score = 0;  // of what was predicted wrongly, or 1 - score of the label that was missed
};

/// Most confident mistakes first, at most `limit`.
std::vector<Mistake> worst_mistakes(const Judged& judged, const std::string& task,
                                    const std::vector<std::string>& classes, size_t limit);

}  // namespace preannotate
