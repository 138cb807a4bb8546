#include "preannotate/engine/network.h"

#include <torch/script.h>

#include <algorithm>
#include <utility>

#include "pass.h"

namespace preannotate {

using namespace engine;

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
