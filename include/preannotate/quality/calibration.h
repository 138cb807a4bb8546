#pragma once

#include <vector>

namespace preannotate {

/// Temperature T > 0 that minimises the log-loss of softmax(logits / T); golden section on ln T in
/// [ln 0.05, ln 20]. logits [N][C], truth[i] in [0, C). 1 when N is 0 or C < 2.
double fit_temperature(const std::vector<std::vector<double>>& logits,
                       const std::vector<int>& truth);

/// The same for independent labels: sigmoid(logits / T), truth [N][C] 0/1, one T for all.
double fit_binary_temperature(const std::vector<std::vector<double>>& logits,
                              const std::vector<std::vector<int>>& truth);

/// softmax(logits / temperature), stable for large logits.
std::vector<double> softmax(const std::vector<double>& logits, double temperature);
double sigmoid(double logit);

}  // namespace preannotate
