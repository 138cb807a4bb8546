// Times the head's fit at the size of a common seed: 1,000 images x 1,280 features, 10 classes,
// 5 folds, whole penalty path. The features are drawn with a spectrum like a pooled network's.

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "preannotate/model/classifier.h"

namespace preannotate {
namespace {

constexpr int kImages = 1000, kFeatures = 1280, kClasses = 10, kFolds = 5, kRepeats = 5;

/// Class means and noise share axes whose standard deviations decay like 1 / sqrt(rank): about
/// 80 % out-of-fold accuracy.
HeadData drawn_seed() {
  torch::manual_seed(7);
  const auto axes = std::get<0>(torch::linalg_qr(torch::randn({kFeatures, kFeatures})));
  const auto deviation = torch::arange(1, kFeatures + 1).to(torch::kFloat32).pow(-0.5);
  const auto means = 0.36 * torch::randn({kClasses, kFeatures});
  HeadData data;
  data.classes = kClasses;
  data.targets = torch::arange(kImages) % kClasses;
  const auto latent = torch::randn({kImages, kFeatures}) + means.index_select(0, data.targets);
  const auto kept = torch::arange(kFeatures) < 60;  // the classes differ on the leading axes only
  const auto noise = torch::randn({kImages, kFeatures});
  data.features = torch::mm(torch::where(kept, latent, noise) * deviation, axes.t()).contiguous();
  for (int i = 0; i < kImages; ++i) data.group.push_back(i);
  data.plain.assign(kImages, true);
  return data;
}

}  // namespace
}  // namespace preannotate

int main(int argc, char** argv) {
  using namespace preannotate;
  using Clock = std::chrono::steady_clock;
  HeadOptions options;
  if (argc > 1) options.threads = std::max(1, std::atoi(argv[1]));
  at::set_num_threads(options.threads);
  const HeadData data = drawn_seed();
  std::vector<int> fold_of_group;
  for (int i = 0; i < kImages; ++i) fold_of_group.push_back(i / kClasses % kFolds);

  HeadFit fit;
  std::vector<double> seconds;
  for (int i = 0; i < kRepeats; ++i) {
    const auto start = Clock::now();
    fit = fit_head(data, fold_of_group, options);
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  for (const auto& point : fit.path) {
    std::printf("lambda %9.2e  log-loss %.4f  accuracy %.3f%s\n", point.lambda, point.log_loss,
                point.accuracy, point.lambda == fit.head.lambda ? "  chosen" : "");
  }
  std::printf(
      "fit_head: %d x %d, %d classes, %d folds, %zu penalties, %d threads: median %.3f s "
      "of %d (%.3f to %.3f)\n",
      kImages, kFeatures, kClasses, kFolds, fit.path.size(), options.threads, seconds[kRepeats / 2],
      kRepeats, seconds.front(), seconds.back());
}
