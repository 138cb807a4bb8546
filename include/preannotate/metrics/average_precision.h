#pragma once

#include <vector>

namespace preannotate {

/// Area under precision-recall as the step sum of (R_n - R_{n-1}) P_n over distinct scores, ties
/// taken together (scikit-learn's average_precision_score). truth 0/1. -1 when truth has no 1.
double average_precision(const std::vector<int>& truth, const std::vector<double>& scores);

/// scores, truth: [N][C]. Mean over the classes with a positive; per_class has -1 for the others.
struct MeanAveragePrecision {
  double map = 0;
  std::vector<double> per_class;
};
MeanAveragePrecision mean_average_precision(const std::vector<std::vector<int>>& truth,
                                            const std::vector<std::vector<double>>& scores);

}  // namespace preannotate
