#include "preannotate/engine/layer.h"

#include <cmath>
#include <optional>
#include <utility>

#include "steps.h"

namespace preannotate {

using namespace engine;

namespace {

std::vector<float> values_of(const torch::Tensor& tensor) {
  const auto flat = tensor.detach().contiguous();
  const float* first = flat.const_data_ptr<float>();
  return {first, first + flat.numel()};
}

void check(const LayerWeights& w) {
  TORCH_CHECK_VALUE(w.pointwise.dim() == 2 && w.pointwise.size(0) % kStrip == 0,
                    "PackedLayer: pointwise must be [out, in], out a multiple of 16, got ",
                    w.pointwise.sizes());
  const auto out = w.pointwise.size(0), in = w.pointwise.size(1);
  for (const auto& one : {w.scale, w.offset}) {
    TORCH_CHECK_VALUE(one.dim() == 1 && one.size(0) == out,
                      "PackedLayer: scale and offset must be [", out, "], got ", one.sizes());
  }
  if (!w.depthwise.defined()) return;
  const auto side = std::lround(std::sqrt(static_cast<double>(w.depthwise.size(0))));
  TORCH_CHECK_VALUE(w.depthwise.dim() == 2 && side % 2 == 1 && side <= kMostKernelRows &&
                        side * side == w.depthwise.size(0) && w.depthwise.size(1) == in &&
                        in % kStrip == 0,
                    "PackedLayer: depthwise must be [k * k, ", in,
                    "], k odd and the channels a multiple of 16, got ", w.depthwise.sizes());
}

Convolution depthwise_of(const torch::Tensor& weights) {
  Convolution c;
  c.in = c.out = weights.size(1);
  c.kernel_height = c.kernel_width = std::lround(std::sqrt(static_cast<double>(weights.size(0))));
  const std::int64_t edge = c.kernel_height / 2;
  c.padding = {edge, edge, edge, edge};
  c.depthwise = true;
  c.weights = values_of(weights.t());
  c.bias.assign(static_cast<size_t>(c.out), 0.0f);
  return c;
}

Convolution pointwise_of(const LayerWeights& w) {
  Convolution c;
  c.in = w.pointwise.size(1);
  c.out = w.pointwise.size(0);
  c.weights = values_of(w.pointwise * w.scale.unsqueeze(1));
  c.bias = values_of(w.offset);
  c.activation.curve = Curve::kSilu;
  return c;
}

}  // namespace

struct PackedLayer::State {
  const KernelSet& kernels = *kernels_for(Precision::kFp32);
  Block block;                  // with a depthwise convolution, or
  PackedConvolution pointwise;  // without
  std::int64_t in = 0, out = 0;
  mutable PoolShelf shelf;
};

PackedLayer::PackedLayer(const LayerWeights& weights) : state_(std::make_unique<State>()) {
  check(weights);
  State& s = *state_;
  s.in = weights.pointwise.size(1);
  s.out = weights.pointwise.size(0);
  // The input's pixels lie side by side, without the padding of an activation of the engine's.
  auto pointwise = pack(pointwise_of(weights), s.in, s.kernels);
  if (weights.depthwise.defined()) {
    s.block.depthwise = pack(depthwise_of(weights.depthwise), s.in, s.kernels);
    s.block.project = std::move(pointwise);
  } else {
    s.pointwise = std::move(pointwise);
  }
}

PackedLayer::~PackedLayer() = default;
PackedLayer::PackedLayer(PackedLayer&&) noexcept = default;

torch::Tensor PackedLayer::forward(const torch::Tensor& x) const {
  const State& s = *state_;
  TORCH_CHECK_VALUE(x.dim() == 4 && x.size(3) == s.in && x.is_contiguous() && x.is_cpu() &&
                        x.scalar_type() == torch::kFloat32,
                    "PackedLayer: x must be [N, H, W, ", s.in,
                    "] float32, contiguous, on the CPU, got ", x.sizes(), " ", x.scalar_type());
  auto y = torch::empty({x.size(0), x.size(1), x.size(2), s.out});
  if (x.numel() == 0) return y;
  // Nothing writes to x; in fp32 the kernels read no further than its last element.
  const ImageBatch in{x.size(0), x.size(1), x.size(2),
                      s.in,      s.in,      const_cast<float*>(x.const_data_ptr<float>()),
                      {}};
  const ImageBatch out{x.size(0), x.size(1), x.size(2), s.out, s.out, y.mutable_data_ptr<float>(),
                       {}};
  BufferPool pool = s.shelf.take();
  const Workplace at{s.kernels, pool};
  if (s.block.project) {
    run(s.block, in, nullptr, out, at);
  } else {
    run(s.pointwise, in, nullptr, out, at);
  }
  s.shelf.give_back(std::move(pool));
  return y;
}

}  // namespace preannotate
