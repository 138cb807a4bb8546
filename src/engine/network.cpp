#include "preannotate/engine/network.h"

#include <torch/script.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "plan.h"
#include "quantization.h"
#include "steps.h"

namespace preannotate {

using namespace engine;

namespace {

struct PackedStep {
  PackedConvolution convolution;
  int input, residual, output;
};

struct PackedBlock {
  Block block;
  int input, residual, output;
};

using ReadyStep = std::variant<PackedStep, PackedBlock, MeanStep, LibtorchStep>;

/// What a value is while a pass runs: an activation of ours or anything of libtorch's.
struct Slot {
  ImageBatch batch;  // when batch.data
  Buffer memory;
  c10::IValue value;
};

}  // namespace

struct CompiledNetwork::State {
  const KernelSet* kernels = nullptr;
  Plan plan;  // its steps are in `steps`
  std::vector<ReadyStep> steps;
  std::vector<std::vector<int>> released;  // after each step: values that nobody reads again
  std::vector<Scales> scales;              // in int8: of each value, then of each step's middle
  mutable PoolShelf shelf;

  std::vector<torch::Tensor> pass(const torch::Tensor& pixels, const std::array<float, 3>& mean,
                                  const std::array<float, 3>& std, ActivationRanges* seen) const;
};

namespace {

/// Whether every activation that the plan's steps touch has ranges, one for each channel.
bool are_of(const ActivationRanges& ranges, const Plan& plan) {
  const auto values = static_cast<size_t>(plan.values);
  if (ranges.ranges.size() != values + plan.steps.size()) return false;
  const auto has = [&](int value, std::int64_t channels) {
    return value == kNone || std::ssize(ranges.ranges[static_cast<size_t>(value)]) == channels;
  };
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    if (const auto* s = std::get_if<ConvolutionStep>(&plan.steps[i])) {
      const Convolution& c = s->convolution;
      if (!has(s->input, c.in) || !has(s->output, c.out) || !has(s->residual, c.out)) return false;
    } else if (const auto* b = std::get_if<BlockStep>(&plan.steps[i])) {
      const std::int64_t in = b->expand ? b->expand->in : b->depthwise.in;
      const std::int64_t out = b->project ? b->project->out : b->depthwise.out;
      if (!has(b->input, in) || !has(b->output, out) || !has(b->residual, out)) return false;
      if (b->project && !has(plan.values + static_cast<int>(i), b->depthwise.out)) return false;
    }
  }
  return true;
}

/// Packs the steps of a plan.
struct Packer {
  const KernelSet& kernels;
  int picture;
  const std::vector<Scales>& scales;

  Quantization values(int number) const {
    return scales.empty() ? Quantization{} : scales[static_cast<size_t>(number)].view();
  }
  PackedConvolution packed(Convolution convolution, int input) const {
    const std::int64_t stride = input == picture ? 3 : stride_of(kernels, convolution.in);
    return pack(std::move(convolution), stride, kernels, values(input));
  }
  ReadyStep ready(Step& step, Quantization middle) const;
};

ReadyStep Packer::ready(Step& step, Quantization middle) const {
  return std::visit(
      [&](auto& s) -> ReadyStep {
        using S = std::decay_t<decltype(s)>;
        if constexpr (std::is_same_v<S, ConvolutionStep>) {
          if (!s.convolution.depthwise) {
            return PackedStep{packed(std::move(s.convolution), s.input), s.input, s.residual,
                              s.output};
          }
          Block alone{{}, packed(std::move(s.convolution), s.input), {}, {}};
          return PackedBlock{std::move(alone), s.input, s.residual, s.output};
        } else if constexpr (std::is_same_v<S, BlockStep>) {
          PackedBlock block{{}, s.input, s.residual, s.output};
          if (s.expand) block.block.expand = packed(std::move(*s.expand), s.input);
          const std::int64_t channels = s.depthwise.in;
          block.block.depthwise =
              pack(std::move(s.depthwise), stride_of(kernels, channels), kernels);
          if (s.project) {
            block.block.middle = middle;
            block.block.project =
                pack(std::move(*s.project), stride_of(kernels, channels), kernels, middle);
          }
          return block;
        } else {
          return std::move(s);
        }
      },
      step);
}

std::vector<std::vector<int>> last_uses(const Plan& plan) {
  std::vector<int> last(static_cast<size_t>(plan.values), kNone);
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    for (const int v : plan.written_by(plan.steps[i]))
      last[static_cast<size_t>(v)] = static_cast<int>(i);
    for (const int v : plan.read_by(plan.steps[i]))
      last[static_cast<size_t>(v)] = static_cast<int>(i);
  }
  for (const int v : plan.outputs) last[static_cast<size_t>(v)] = kNone;
  std::vector<std::vector<int>> released(plan.steps.size());
  for (int v = 0; v < plan.values; ++v) {
    if (last[static_cast<size_t>(v)] != kNone) {
      released[static_cast<size_t>(last[static_cast<size_t>(v)])].push_back(v);
    }
  }
  return released;
}

/// One forward pass.
class Pass {
 public:
  Pass(const KernelSet& kernels, const Plan& plan, const std::vector<Scales>& scales,
       BufferPool& pool, ActivationRanges* seen)
      : at_{kernels, pool},
        scales_(scales),
        seen_(seen),
        slots_(static_cast<size_t>(plan.values)) {}

  void set_pixels(int value, const torch::Tensor& pixels, const std::array<float, 3>& mean,
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
    const auto& batch =
        allocate(value, pixels.size(0), pixels.size(1), pixels.size(2), 3, /*stride=*/3);
    read_pixels(pixels.const_data_ptr<std::uint8_t>(), scale, offset, batch, at_);
  }

  void run(const PackedStep& step, size_t) {
    const Input in(*this, step.input);
    const Input residual(*this, step.residual);
    const auto& shape = step.convolution.shape;
    check_channels(in.batch(), shape.in);
    check_stride(in.batch(), step.convolution);
    const auto& out = allocate(step.output, in.batch().images, shape.height_out(in.batch().height),
                               shape.width_out(in.batch().width), shape.out);
    check_residual(residual, out);
    engine::run(step.convolution, in.batch(), residual.pointer(), out, at_);
    look_at(step.output, out);
  }

  void run(const PackedBlock& step, size_t number) {
    const Input in(*this, step.input);
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
    check_residual(residual, out);
    Workplace at = at_;
    if (seen_) at.middle = &seen_->ranges[slots_.size() + number];
    engine::run(step.block, in.batch(), residual.pointer(), out, at);
    look_at(step.output, out);
  }

  void run(const MeanStep& step, size_t) {
    const Input in(*this, step.input);
    auto means = torch::empty({in.batch().images, in.batch().channels}, torch::kFloat32);
    mean_of(in.batch(), means.mutable_data_ptr<float>(), at_);
    slot(step.output).value = means;
  }

  void run(const LibtorchStep& step, size_t) {
    torch::jit::Stack stack;
    for (const auto& argument : step.arguments) {
      stack.push_back(argument.value == kNone ? argument.constant : value(argument.value));
    }
    step.operation(stack);
    for (size_t i = 0; i < step.outputs.size(); ++i) {
      slot(step.outputs[i]).value = stack[stack.size() - step.outputs.size() + i];
    }
  }

  /// As a value of libtorch, which it stays: an operator may write into it.
  c10::IValue value(int number) {
    Slot& s = slot(number);
    if (s.batch.data) {
      s.value = tensor_of(s.batch);
      release(number, /*with_value=*/false);
    }
    return s.value;
  }

  void release(int number, bool with_value = true) {
    Slot& s = slot(number);
    if (s.batch.data) at_.pool.give_back(std::move(s.memory));
    s.batch = {};
    if (with_value) s.value = {};
  }

 private:
  /// An activation to read, made for the while when the value is a tensor of libtorch's.
  class Input {
   public:
    Input(Pass& pass, int number) : pass_(pass) {
      if (number == kNone) return;
      const Slot& s = pass.slot(number);
      given_ = true;
      batch_ = s.batch.data ? s.batch : pass.batch_of(s.value.toTensor(), number, memory_);
      if (!s.batch.data) pass.look_at(number, batch_);
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

  void look_at(int number, const ImageBatch& batch) const {
    if (seen_) widen(seen_->ranges[static_cast<size_t>(number)], batch, at_);
  }

  Slot& slot(int number) { return slots_[static_cast<size_t>(number)]; }

  Buffer memory_for(const ImageBatch& batch) const {
    return at_.take((batch.pixels() + kSlackRows) * batch.stride);
  }

  Quantization values_of(int number, std::int64_t channels) const {
    if (scales_.empty()) return {};
    const Scales& scales = scales_[static_cast<size_t>(number)];
    TORCH_CHECK(scales.channels() == channels, "an activation of ", channels,
                " channels was calibrated as one of ", scales.channels());
    return scales.view();
  }

  const ImageBatch& allocate(int number, std::int64_t images, std::int64_t height,
                             std::int64_t width, std::int64_t channels, std::int64_t stride = 0) {
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

  static void check_channels(const ImageBatch& batch, std::int64_t channels) {
    TORCH_CHECK(batch.channels == channels, "a convolution of ", channels, " channels reads ",
                batch.channels);
  }

  static void check_stride(const ImageBatch& batch, const PackedConvolution& convolution) {
    TORCH_CHECK(batch.stride == convolution.in_stride,
                "a convolution and another operator both read the picture");
  }

  static void check_residual(const Input& residual, const ImageBatch& out) {
    const auto* r = residual.pointer();
    TORCH_CHECK(!r || (r->images == out.images && r->height == out.height &&
                       r->width == out.width && r->stride == out.stride),
                "an addition to a convolution's output has another shape");
  }

  /// [N, C, H, W] float32, channels-last, in memory of its own.
  torch::Tensor tensor_of(const ImageBatch& batch) const {
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

  ImageBatch batch_of(const torch::Tensor& tensor, int number, Buffer& memory) const {
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

  const Workplace at_;
  const std::vector<Scales>& scales_;
  ActivationRanges* const seen_;
  std::vector<Slot> slots_;
};

}  // namespace

CompiledNetwork::CompiledNetwork() : state_(std::make_unique<State>()) {}
CompiledNetwork::~CompiledNetwork() = default;

std::unique_ptr<CompiledNetwork> CompiledNetwork::compile(const torch::jit::Module& module,
                                                          Precision precision, std::string& why_not,
                                                          const ActivationRanges& ranges) {
  const KernelSet* kernels = kernels_for(precision);
  if (!kernels) {
    why_not = "this processor has no instructions for " + std::string(precision_name(precision));
    return nullptr;
  }
  auto plan = read_graph(module, why_not);
  if (!plan) return nullptr;
  join_blocks(*plan);
  const bool quantized = precision == Precision::kInt8;
  if (quantized && !are_of(ranges, *plan)) {
    why_not = ranges.ranges.empty() ? "it has not been calibrated on pictures"
                                    : "its calibration is of another network";
    return nullptr;
  }
  std::unique_ptr<CompiledNetwork> network(new CompiledNetwork);
  State& s = *network->state_;
  s.kernels = kernels;
  s.released = last_uses(*plan);
  if (quantized) {
    for (const auto& channels : ranges.ranges) s.scales.emplace_back(channels);
  }
  const Packer packer{*kernels, plan->input, s.scales};
  for (size_t i = 0; i < plan->steps.size(); ++i) {
    s.steps.push_back(
        packer.ready(plan->steps[i], packer.values(plan->values + static_cast<int>(i))));
  }
  plan->steps.clear();
  s.plan = std::move(*plan);
  return network;
}

std::vector<torch::Tensor> CompiledNetwork::State::pass(const torch::Tensor& pixels,
                                                        const std::array<float, 3>& mean,
                                                        const std::array<float, 3>& std,
                                                        ActivationRanges* seen) const {
  TORCH_CHECK_VALUE(pixels.dim() == 4 && pixels.size(3) == 3 && pixels.is_contiguous() &&
                        pixels.scalar_type() == torch::kUInt8,
                    "forward: pixels must be [N, H, W, 3] uint8 and contiguous, got ",
                    pixels.sizes(), " ", pixels.scalar_type());
  BufferPool pool = shelf.take();
  std::vector<torch::Tensor> outputs;
  {
    Pass pass(*kernels, plan, scales, pool, seen);
    pass.set_pixels(plan.input, pixels, mean, std);
    for (size_t i = 0; i < steps.size(); ++i) {
      std::visit([&](const auto& step) { pass.run(step, i); }, steps[i]);
      for (const int value : released[i]) pass.release(value);
    }
    for (const int value : plan.outputs) {
      outputs.push_back(pass.value(value).toTensor().to(torch::kFloat32));
    }
  }
  shelf.give_back(std::move(pool));
  return outputs;
}

std::vector<torch::Tensor> CompiledNetwork::forward(const torch::Tensor& pixels,
                                                    const std::array<float, 3>& mean,
                                                    const std::array<float, 3>& std,
                                                    ActivationRanges* ranges) const {
  if (!ranges) return state_->pass(pixels, mean, std, nullptr);
  ActivationRanges seen;
  seen.ranges.resize(static_cast<size_t>(state_->plan.values) + state_->steps.size());
  auto outputs = state_->pass(pixels, mean, std, &seen);
  ranges->widen(seen);
  return outputs;
}

bool CompiledNetwork::returns_tuple() const {
  return state_->plan.tuple;
}

Precision CompiledNetwork::precision() const {
  return state_->kernels->precision;
}

bool CompiledNetwork::rows_are_independent() const {
  return std::none_of(state_->steps.begin(), state_->steps.end(),
                      [](const auto& step) { return std::holds_alternative<LibtorchStep>(step); });
}

std::string CompiledNetwork::description() const {
  size_t convolutions = 0, blocks = 0, others = 0;
  for (const auto& step : state_->steps) {
    convolutions += std::holds_alternative<PackedStep>(step);
    blocks += std::holds_alternative<PackedBlock>(step);
    others += std::holds_alternative<LibtorchStep>(step);
  }
  const auto count = [](size_t n, const std::string& word) {
    return std::to_string(n) + " " + word + (n == 1 ? "" : "s");
  };
  return std::string(precision_name(state_->kernels->precision)) + " (" +
         std::string(state_->kernels->name) + "): " + count(convolutions, "convolution") + ", " +
         count(blocks, "block") + ", " + count(others, "operator") + " of libtorch";
}

}  // namespace preannotate
