#include "pass.h"

#include <torch/types.h>

#include <algorithm>
#include <utility>

namespace preannotate::engine {

namespace {

void check_channels(const ImageBatch& batch, std::int64_t channels) {
  TORCH_CHECK(batch.channels == channels, "a convolution of ", channels, " channels reads ",
              batch.channels);
}

void check_stride(const ImageBatch& batch, const PackedConvolution& convolution) {
  TORCH_CHECK(batch.stride == convolution.in_stride,
              "a convolution and another operator both read the picture");
}

/// r: the residual, or null.
void check_residual(const ImageBatch* r, const ImageBatch& out) {
  TORCH_CHECK(!r || (r->images == out.images && r->height == out.height && r->width == out.width &&
                     r->stride == out.stride),
              "an addition to a convolution's output has another shape");
}

}  // namespace

/// An activation to read, made for the while when the value is a tensor of libtorch's.
class Pass::Input {
 public:
  /// or_bytes: whether pictures may still be bytes.
  Input(Pass& pass, int number, bool or_bytes = false) : pass_(pass) {
    if (number == kNone) return;
    const Slot& s = pass.slot(number);
    if (s.batch.bytes && !or_bytes) pass.read_bytes(number);
    given_ = true;
    const bool ours = s.batch.data || s.batch.bytes;
    batch_ = ours ? s.batch : pass.batch_of(s.value.toTensor(), number, memory_);
    if (!ours) pass.look_at(number, batch_);
  }
  ~Input() { pass_.at_.pool.give_back(std::move(memory_)); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  const ImageBatch& batch() const { return batch_; }
  const ImageBatch* pointer() const { return given_ ? &batch_ : nullptr; }

 private:
  Pass& pass_;
  Buffer memory_;
  ImageBatch batch_;
  bool given_ = false;
};

Pass::Pass(const KernelSet& kernels, const Plan& plan, const std::vector<Scales>& scales,
           BufferPool& pool, ActivationRanges* seen)
    : at_{kernels, pool}, scales_(scales), seen_(seen), slots_(static_cast<size_t>(plan.values)) {}

void Pass::set_pixels(int value, const torch::Tensor& pixels, const std::array<float, 3>& mean,
                      const std::array<float, 3>& std) {
  float scale[3], offset[3];
  for (size_t c = 0; c < 3; ++c) {
    scale[c] = 1.0f / (255.0f * std[c]);
    offset[c] = -mean[c] / std[c];
  }
  if (seen_) {  // any pixel may come
    auto& ranges = seen_->ranges[static_cast<size_t>(value)];
    for (size_t c = 0; c < 3; ++c) ranges.push_back({offset[c], 255 * scale[c] + offset[c]});
  }
  pixels_.bytes = pixels.const_data_ptr<std::uint8_t>();
  for (size_t i = 0; i < pixels_.scale.size(); ++i) {
    pixels_.scale[i] = scale[i % 3];
    pixels_.offset[i] = offset[i % 3];
  }
  TORCH_CHECK(pixels.size(1) > 0 && pixels.size(2) > 0, "a picture without pixels");
  slot(value).batch = {pixels.size(0), pixels.size(1), pixels.size(2),      3,
                       /*stride=*/3,   nullptr,        values_of(value, 3), &pixels_};
}

/// For steps that do not gather.
void Pass::read_bytes(int number) {
  const ImageBatch picture = slot(number).batch;
  const auto& batch =
      allocate(number, picture.images, picture.height, picture.width, 3, /*stride=*/3);
  read_pixels(*picture.bytes, 0, batch.pixels(), batch.values, batch.data, at_);
}

void Pass::run(const PackedStep& step, size_t) {
  const Input in(*this, step.input, gathers(step.convolution));
  const Input residual(*this, step.residual);
  const auto& shape = step.convolution.shape;
  check_channels(in.batch(), shape.in);
  check_stride(in.batch(), step.convolution);
  const auto& out = allocate(step.output, in.batch().images, shape.height_out(in.batch().height),
                             shape.width_out(in.batch().width), shape.out);
  check_residual(residual.pointer(), out);
  engine::run(step.convolution, in.batch(), residual.pointer(), out, at_);
  look_at(step.output, out);
}

void Pass::run(const PackedBlock& step, size_t number) {
  const Input in(*this, step.input, gathers(step.block));
  const Input residual(*this, step.residual);
  const auto& dw = step.block.depthwise.shape;
  std::int64_t height = in.batch().height, width = in.batch().width;
  if (step.block.expand) {
    height = step.block.expand->shape.height_out(height);
    width = step.block.expand->shape.width_out(width);
  }
  check_channels(in.batch(), step.block.expand ? step.block.expand->shape.in : dw.in);
  check_stride(in.batch(), step.block.expand ? *step.block.expand : step.block.depthwise);
  const auto& out =
      allocate(step.output, in.batch().images, dw.height_out(height), dw.width_out(width),
               step.block.project ? step.block.project->shape.out : dw.out);
  check_residual(residual.pointer(), out);
  Workplace at = at_;
  if (seen_) at.middle = &seen_->ranges[slots_.size() + number];
  engine::run(step.block, in.batch(), residual.pointer(), out, at);
  look_at(step.output, out);
}

void Pass::run(const MeanStep& step, size_t) {
  const Input in(*this, step.input);
  auto means = torch::empty({in.batch().images, in.batch().channels}, torch::kFloat32);
  mean_of(in.batch(), means.mutable_data_ptr<float>(), at_);
  slot(step.output).value = means;
}

void Pass::run(const LibtorchStep& step, size_t) {
  torch::jit::Stack stack;
  for (const auto& argument : step.arguments) {
    stack.push_back(argument.value == kNone ? argument.constant : value(argument.value));
  }
  step.operation(stack);
  for (size_t i = 0; i < step.outputs.size(); ++i) {
    slot(step.outputs[i]).value = stack[stack.size() - step.outputs.size() + i];
  }
}

c10::IValue Pass::value(int number) {
  Slot& s = slot(number);
  if (s.batch.bytes) read_bytes(number);
  if (s.batch.data) {
    s.value = tensor_of(s.batch);
    release(number, /*with_value=*/false);
  }
  return s.value;
}

void Pass::release(int number, bool with_value) {
  Slot& s = slot(number);
  if (s.batch.data) at_.pool.give_back(std::move(s.memory));
  s.batch = {};
  if (with_value) s.value = {};
}

void Pass::look_at(int number, const ImageBatch& batch) const {
  if (seen_) widen(seen_->ranges[static_cast<size_t>(number)], batch, at_);
}

Buffer Pass::memory_for(const ImageBatch& batch) const {
  return at_.take((batch.pixels() + kSlackRows) * batch.stride);
}

Quantization Pass::values_of(int number, std::int64_t channels) const {
  if (scales_.empty()) return {};
  const Scales& scales = scales_[static_cast<size_t>(number)];
  TORCH_CHECK(scales.channels() == channels, "an activation of ", channels,
              " channels was calibrated as one of ", scales.channels());
  return scales.view();
}

const ImageBatch& Pass::allocate(int number, std::int64_t images, std::int64_t height,
                                 std::int64_t width, std::int64_t channels, std::int64_t stride) {
  TORCH_CHECK(height > 0 && width > 0, "the input is too small for this network");
  Slot& s = slot(number);
  s.batch = {images,
             height,
             width,
             channels,
             stride > 0 ? stride : stride_of(at_.kernels, channels),
             nullptr,
             values_of(number, channels)};
  s.memory = memory_for(s.batch);
  s.batch.data = s.memory.data();
  return s.batch;
}

/// [N, C, H, W] float32, channels-last, in memory of its own.
torch::Tensor Pass::tensor_of(const ImageBatch& batch) const {
  auto tensor = torch::empty({batch.images, batch.height, batch.width, batch.channels});
  Buffer line = at_.pool.take(static_cast<size_t>(batch.stride + 64) * sizeof(float));
  auto* values = static_cast<float*>(line.data());
  float* to = tensor.mutable_data_ptr<float>();
  const auto* from = static_cast<const char*>(batch.data);
  for (std::int64_t i = 0; i < batch.pixels(); ++i, to += batch.channels) {
    at_.kernels.to_float(from + i * batch.stride * at_.element_bytes(), batch.values,
                         round_up(batch.stride, kStrip), values);
    std::copy_n(values, batch.channels, to);
  }
  at_.pool.give_back(std::move(line));
  return tensor.permute({0, 3, 1, 2});
}

ImageBatch Pass::batch_of(const torch::Tensor& tensor, int number, Buffer& memory) const {
  TORCH_CHECK(tensor.dim() == 4, "a convolution reads a tensor of ", tensor.dim(), " dimensions");
  const auto values = tensor.to(torch::kFloat32).permute({0, 2, 3, 1}).contiguous();
  ImageBatch batch{tensor.size(0),
                   tensor.size(2),
                   tensor.size(3),
                   tensor.size(1),
                   stride_of(at_.kernels, tensor.size(1)),
                   nullptr,
                   values_of(number, tensor.size(1))};
  memory = memory_for(batch);
  batch.data = memory.data();
  std::vector<float> pixel(static_cast<size_t>(batch.stride), 0.0f);
  const float* from = values.const_data_ptr<float>();
  auto* to = static_cast<char*>(batch.data);
  for (std::int64_t i = 0; i < batch.pixels(); ++i, from += batch.channels) {
    std::copy_n(from, batch.channels, pixel.data());
    at_.kernels.from_float(pixel.data(), batch.stride, batch.values,
                           to + i * batch.stride * at_.element_bytes());
  }
  return batch;
}

}  // namespace preannotate::engine
