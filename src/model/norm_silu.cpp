#include "norm_silu.h"

#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <vector>

#include "norm_silu_kernels.h"

namespace preannotate {

namespace {

constexpr double kMomentum = 0.1;

RowsOfChannels size_of(const torch::Tensor& x) {
  return {x.numel() / x.size(-1), x.size(-1)};
}

float* data(torch::Tensor& x) {
  return x.mutable_data_ptr<float>();
}
const float* data(const torch::Tensor& x) {
  return x.const_data_ptr<float>();
}

/// y with z = scale * x + offset; [C] each.
torch::Tensor silu_of(const torch::Tensor& x, const torch::Tensor& scale,
                      const torch::Tensor& offset) {
  auto y = torch::empty_like(x);
  scaled_silu(data(x), data(scale), data(offset), size_of(x), data(y));
  return y;
}

/// Mean and (biased) variance of each channel, float32 [C] both.
std::pair<torch::Tensor, torch::Tensor> moments(const torch::Tensor& x,
                                                const torch::Tensor& running_mean) {
  const RowsOfChannels size = size_of(x);
  auto mean = torch::empty({size.channels}), var = torch::empty({size.channels});
  // Differences from what the mean has been lately: small numbers, so that nothing cancels.
  std::vector<double> sum(size.channels), squares(size.channels);
  channel_sums(data(x), data(running_mean), size, sum.data(), squares.data());
  for (std::int64_t c = 0; c < size.channels; ++c) {
    const double from_centre = sum[c] / static_cast<double>(size.rows);
    data(mean)[c] = static_cast<float>(data(running_mean)[c] + from_centre);
    data(var)[c] = static_cast<float>(
        std::max(0.0, squares[c] / static_cast<double>(size.rows) - from_centre * from_centre));
  }
  return {mean, var};
}

class NormSilu : public torch::autograd::Function<NormSilu> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, torch::Tensor x,
                               torch::Tensor gain, torch::Tensor shift, torch::Tensor mean,
                               torch::Tensor var, bool fixed) {
    const auto scale = (gain / (var + kNormEpsilon).sqrt()).contiguous();
    const auto offset = (shift - mean * scale).contiguous();
    context->save_for_backward({x, scale, offset, mean, var});
    context->saved_data["fixed"] = fixed;
    return silu_of(x, scale, offset);
  }

  /// With u = (x - mean) / s, s = sqrt(var + epsilon): d gain = sum of d_z u, d shift = sum of d_z,
  /// d_x = gain / s (d_z - mean of d_z - u mean of d_z u), the means over the rows; of
  /// fixed statistics, which do not follow x, d_x = gain / s d_z.
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &scale = saved[1], &offset = saved[2], &mean = saved[3],
               &var = saved[4];
    const auto d_y = gradients[0].contiguous();
    const RowsOfChannels size = size_of(x);
    auto d_x = torch::empty_like(x);
    std::vector<double> sum(size.channels), product(size.channels);
    silu_gradient(data(x), data(d_y), data(scale), data(offset), data(mean), size, data(d_x),
                  sum.data(), product.data());
    auto d_gain = torch::empty({size.channels}), d_shift = torch::empty({size.channels});
    const bool fixed = context->saved_data["fixed"].toBool();
    std::vector<float> b(size.channels), d(size.channels);
    for (std::int64_t c = 0; c < size.channels; ++c) {
      const double s = std::sqrt(data(var)[c] + kNormEpsilon),
                   rows = static_cast<double>(size.rows);
      data(d_gain)[c] = static_cast<float>(product[c] / s);
      data(d_shift)[c] = static_cast<float>(sum[c]);
      if (fixed) continue;
      b[c] = static_cast<float>(-data(scale)[c] * product[c] / (s * s) / rows);
      d[c] = static_cast<float>(-data(scale)[c] * sum[c] / rows);
    }
    norm_gradient(data(x), data(mean), data(scale), b.data(), d.data(), size, data(d_x));
    return {d_x, d_gain, d_shift, {}, {}, {}};
  }
};

/// The two operators of libtorch.
torch::Tensor plainly(const torch::Tensor& x, const torch::Tensor& gain, const torch::Tensor& shift,
                      const torch::Tensor& running_mean, const torch::Tensor& running_var,
                      bool training) {
  const auto y = torch::batch_norm(x.permute({0, 3, 1, 2}), gain, shift, running_mean, running_var,
                                   training, kMomentum, kNormEpsilon, true);
  return torch::silu(y).permute({0, 2, 3, 1});
}

}  // namespace

torch::Tensor norm_silu(const torch::Tensor& x, const torch::Tensor& gain,
                        const torch::Tensor& shift, torch::Tensor running_mean,
                        torch::Tensor running_var, bool training) {
  const auto rows = x.numel() / std::max<std::int64_t>(1, x.size(3));
  if (!x.is_cpu() || x.size(3) % 8 != 0 || rows < 2) {
    return plainly(x, gain, shift, running_mean, running_var, training);
  }
  const auto input = x.contiguous();
  if (!training) return NormSilu::apply(input, gain, shift, running_mean, running_var, true);
  torch::Tensor mean, var;
  {
    torch::NoGradGuard no_gradients;
    std::tie(mean, var) = moments(input, running_mean);
    running_mean.lerp_(mean, kMomentum);
    running_var.lerp_(var * (static_cast<double>(rows) / static_cast<double>(rows - 1)), kMomentum);
  }
  return NormSilu::apply(input, gain, shift, mean, var, false);
}

}  // namespace preannotate
