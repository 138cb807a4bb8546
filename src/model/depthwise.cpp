#include "depthwise.h"

#include <torch/csrc/autograd/custom_function.h>

#include "depthwise_kernels.h"

namespace preannotate {

namespace {

DepthwiseSize size_of(const torch::Tensor& x) {
  return {x.size(1), x.size(2), x.size(3)};
}

/// [N, H, W, C] correlated with `weight` [25, C].
torch::Tensor correlate(const torch::Tensor& x, const torch::Tensor& weight) {
  const DepthwiseSize size = size_of(x);
  const std::int64_t image = size.height * size.width * size.channels;
  auto out = torch::empty_like(x);
  for (std::int64_t n = 0; n < x.size(0); ++n) {
    depthwise_image(x.const_data_ptr<float>() + n * image, weight.const_data_ptr<float>(), size,
                    out.mutable_data_ptr<float>() + n * image);
  }
  return out;
}

torch::Tensor weight_gradient(const torch::Tensor& x, const torch::Tensor& d_out) {
  const DepthwiseSize size = size_of(x);
  const std::int64_t image = size.height * size.width * size.channels;
  auto gradient = torch::zeros({25, size.channels}, x.options());
  for (std::int64_t n = 0; n < x.size(0); ++n) {
    depthwise_weight_gradient(x.const_data_ptr<float>() + n * image,
                              d_out.const_data_ptr<float>() + n * image, size,
                              gradient.mutable_data_ptr<float>());
  }
  return gradient;
}

class Depthwise : public torch::autograd::Function<Depthwise> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, torch::Tensor x,
                               torch::Tensor weight) {
    context->save_for_backward({x, weight});
    return correlate(x, weight);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto d_out = gradients[0].contiguous();
    // The gradient for x is the correlation with the filter turned by half a turn.
    return {correlate(d_out, saved[1].flip(0).contiguous()), weight_gradient(saved[0], d_out)};
  }
};

}  // namespace

torch::Tensor depthwise_5x5(const torch::Tensor& x, const torch::Tensor& weight) {
  const auto channels = x.size(3);
  TORCH_CHECK_VALUE(weight.dim() == 2 && weight.size(0) == 25 && weight.size(1) == channels,
                    "depthwise_5x5: weight must be [25, ", channels, "], got ", weight.sizes());
  if (x.is_cpu() && channels % 16 == 0) {
    return Depthwise::apply(x.contiguous(), weight.contiguous());
  }
  const auto filters = weight.t().reshape({channels, 1, 5, 5});
  return torch::conv2d(x.permute({0, 3, 1, 2}), filters, {}, 1, 2, 1, channels)
      .permute({0, 2, 3, 1});
}

}  // namespace preannotate
