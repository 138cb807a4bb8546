#include "preannotate/ops/normalize.h"

#include <c10/core/DeviceGuard.h>
#include <torch/types.h>

#include "kernels.h"

namespace preannotate {
namespace ops {

// One thread: the program runs one worker a core, and a team would wait for the busy others.
void run_cpu(const NormalizePixel& body) {
  const NormalizePixel own = body;  // the loop's stores cannot change it, so it vectorises
  for (std::int64_t i = 0; i < own.count; ++i) own(i);
}

}  // namespace ops

torch::Tensor normalize(const torch::Tensor& pixels, const std::array<float, 3>& mean,
                        const std::array<float, 3>& std) {
  TORCH_CHECK_VALUE(pixels.dim() == 4 && pixels.size(3) == 3,
                    "normalize: pixels must be [N, H, W, 3], got ", pixels.sizes());
  TORCH_CHECK_VALUE(pixels.scalar_type() == torch::kUInt8, "normalize: pixels must be uint8, got ",
                    pixels.scalar_type());
  TORCH_CHECK_VALUE(pixels.is_contiguous(), "normalize: pixels must be contiguous");
  TORCH_CHECK_VALUE(std[0] > 0 && std[1] > 0 && std[2] > 0, "normalize: std must be above 0, got ",
                    std[0], ", ", std[1], ", ", std[2]);

  const c10::DeviceGuard on_device(pixels.device());
  // [N, H, W, 3] in memory, whatever N, H and W are; the permuted view is channels-last.
  auto values = torch::empty(pixels.sizes(), pixels.options().dtype(torch::kFloat32));
  const ops::NormalizePixel body{pixels.const_data_ptr<std::uint8_t>(),
                                 values.mutable_data_ptr<float>(),
                                 pixels.numel() / 3,
                                 {mean[0], mean[1], mean[2]},
                                 {std[0], std[1], std[2]}};
  pixels.is_cuda() ? ops::run_cuda(body) : ops::run_cpu(body);
  return values.permute({0, 3, 1, 2});  // [N, 3, H, W]
}

}  // namespace preannotate
