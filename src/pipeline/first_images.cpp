#include "first_images.h"

#include <algorithm>
#include <opencv2/core.hpp>

#include "preannotate/core/random.h"

namespace preannotate {

std::vector<size_t> first_images(const torch::Tensor& features, size_t k, std::uint64_t seed) {
  if (k == 0) return {};
  auto rows = features.to(torch::kFloat32);
  rows = rows - rows.mean(0);
  rows = (rows / rows.norm(2, 1, true).clamp_min(1e-12)).contiguous();
  cv::Mat points(static_cast<int>(rows.size(0)), static_cast<int>(rows.size(1)), CV_32F,
                 rows.data_ptr<float>());
  cv::Mat cluster, centres;
  cv::setRNGSeed(static_cast<int>(seed & 0x7fffffff));
  cv::kmeans(points, static_cast<int>(k), cluster, {cv::TermCriteria::COUNT, 30, 0}, 1,
             cv::KMEANS_PP_CENTERS, centres);
  std::vector<size_t> nearest;
  for (int c = 0; c < centres.rows; ++c) {
    int best = -1;
    double least = 0;
    for (int i = 0; i < points.rows; ++i) {
      if (cluster.at<int>(i) != c) continue;
      const double distance = cv::norm(points.row(i), centres.row(c), cv::NORM_L2SQR);
      if (best < 0 || distance < least) best = i, least = distance;
    }
    if (best >= 0) nearest.push_back(static_cast<size_t>(best));
  }
  Random random(seed);
  random.shuffle(nearest);
  return nearest;
}

}  // namespace preannotate
