#pragma once

#include <ATen/core/stack.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "convolution.h"
#include "steps.h"

namespace torch::jit {
struct Module;
}

/// A network as a list of steps over numbered values.
namespace preannotate::engine {

constexpr int kNone = -1;

/// A convolution with what follows it, not packed yet.
struct ConvolutionStep {
  Convolution convolution;
  int input = kNone, residual = kNone, output = kNone;
};

/// A depthwise convolution with the convolutions around it.
struct BlockStep {
  std::optional<Convolution> expand;
  Convolution depthwise;
  std::optional<Convolution> project;
  int input = kNone, residual = kNone, output = kNone;
};

/// The mean over height and width.
struct MeanStep {
  int input = kNone, output = kNone;
};

/// Any other operator, by libtorch.
struct LibtorchStep {
  struct Argument {
    int value = kNone;  // or
    c10::IValue constant;
  };
  std::string name;
  std::function<void(torch::jit::Stack&)> operation;
  std::vector<Argument> arguments;
  std::vector<int> outputs;
};

using Step = std::variant<ConvolutionStep, BlockStep, MeanStep, LibtorchStep>;

struct Plan {
  std::vector<Step> steps;
  int values = 0;  // numbers 0 .. values - 1
  int input = kNone;
  std::vector<int> outputs;
  bool tuple = false;
  std::shared_ptr<void> graph;  // what the operations of libtorch's steps were made of

  std::vector<int> read_by(const Step& step) const;
  std::vector<int> written_by(const Step& step) const;
};

/// Reads the frozen forward() of the module. nullopt, with the reason, when it cannot.
std::optional<Plan> read_graph(const torch::jit::Module& module, std::string& why_not);

/// Joins each depthwise convolution with a convolution that feeds only it and a pointwise one that
/// alone reads it.
void join_blocks(Plan& plan);

}  // namespace preannotate::engine
