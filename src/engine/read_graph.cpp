#include <torch/csrc/jit/passes/freeze_module.h>
#include <torch/csrc/jit/runtime/operator.h>
#include <torch/script.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "plan.h"

namespace preannotate::engine {

namespace {

using torch::jit::Node;
using torch::jit::Value;

std::string kind(const Node* node) {
  return node->kind().toQualString();
}

/// The name without "aten::" and without the mark of the in-place twin; "" outside aten.
std::string operator_name(const Node* node) {
  std::string name = kind(node);
  if (!name.starts_with("aten::")) return "";
  name = name.substr(6);
  if (name.ends_with('_') && !name.starts_with('_')) name.pop_back();
  return name;
}

std::optional<c10::IValue> constant(const Value* value) {
  return torch::jit::toIValue(value);
}

std::optional<std::vector<std::int64_t>> whole_numbers(const Value* value) {
  const auto list = constant(value);
  if (!list || !list->isIntList()) return std::nullopt;
  return list->toIntVector();
}

bool is_number(const Value* value, double wanted) {
  const auto found = constant(value);
  return found && found->isScalar() && found->toScalar().toDouble() == wanted;
}

bool is_none_or_zero(const Value* value) {
  const auto found = constant(value);
  return found && (found->isNone() || (found->isScalar() && found->toScalar().toDouble() == 0));
}

/// A constant float tensor as a vector; empty when it is none (of that size).
std::vector<float> floats(const Value* value, std::int64_t size) {
  const auto found = constant(value);
  if (!found || !found->isTensor() || found->toTensor().numel() != size) return {};
  const auto tensor = found->toTensor().to(torch::kCPU, torch::kFloat32).contiguous();
  const float* data = tensor.const_data_ptr<float>();
  return {data, data + size};
}

/// The value's only reader, or nullptr.
Node* only_user(const Value* value) {
  return value->uses().size() == 1 ? value->uses()[0].user : nullptr;
}

/// An activation that the kernels know.
std::optional<Activation> activation_of(const Node* node) {
  const std::string name = operator_name(node);
  Activation act;
  const auto bound = [&](size_t input, float& limit) {
    const auto value = constant(node->input(input));
    if (!value) return false;
    if (value->isScalar()) limit = static_cast<float>(value->toScalar().toDouble());
    return value->isScalar() || value->isNone();
  };
  if (name == "relu") {
    act.low = 0;
  } else if (name == "relu6") {
    act.low = 0;
    act.high = 6;
  } else if (name == "hardtanh" || name == "clamp") {
    if (!bound(1, act.low) || !bound(2, act.high)) return std::nullopt;
  } else if (name == "clamp_min") {
    if (!bound(1, act.low)) return std::nullopt;
  } else if (name == "silu") {
    act.curve = Curve::kSilu;
  } else if (name == "hardswish") {
    act.curve = Curve::kHardswish;
  } else {
    return std::nullopt;
  }
  return act;
}

/// Stride, padding and so on of a convolution's node; nullopt for those that the kernels lack.
std::optional<Convolution> convolution_of(const Node* node) {
  const std::string name = operator_name(node);
  const bool plain = name == "conv2d";
  if (!plain && name != "_convolution") return std::nullopt;
  const auto weight = constant(node->input(1)), bias = constant(node->input(2));
  const auto stride = whole_numbers(node->input(3)), padding = whole_numbers(node->input(4)),
             dilation = whole_numbers(node->input(5));
  const auto groups = constant(node->input(plain ? 6 : 8));
  const auto transposed = plain ? c10::IValue(false) : constant(node->input(6)).value_or(true);
  if (!weight || !weight->isTensor() || !bias || !stride || !padding || !dilation || !groups ||
      transposed.toBool()) {
    return std::nullopt;
  }
  const auto tensor = weight->toTensor();
  const auto is_all = [](const std::vector<std::int64_t>& list, std::int64_t wanted) {
    return std::all_of(list.begin(), list.end(), [&](auto v) { return v == wanted; });
  };
  if (tensor.dim() != 4 || tensor.scalar_type() != torch::kFloat32 || padding->size() != 2 ||
      stride->size() != 2 || !is_all(*dilation, 1) || !is_all(*stride, stride->front())) {
    return std::nullopt;
  }
  Convolution c;
  c.out = tensor.size(0);
  c.kernel_height = tensor.size(2);
  c.kernel_width = tensor.size(3);
  c.stride = stride->front();
  c.padding = {(*padding)[0], (*padding)[1], (*padding)[0], (*padding)[1]};
  c.depthwise = groups->toInt() > 1;
  c.in = c.depthwise ? c.out : tensor.size(1);
  if (c.depthwise && (groups->toInt() != c.out || tensor.size(1) != 1 ||
                      c.kernel_height != c.kernel_width || c.kernel_height > kMostKernelRows)) {
    return std::nullopt;
  }
  c.weights = floats(node->input(1), tensor.numel());
  c.bias = bias->isNone() ? std::vector<float>(static_cast<size_t>(c.out), 0.0f)
                          : floats(node->input(2), c.out);
  if (c.weights.empty() || c.bias.empty()) return std::nullopt;
  return c;
}

/// Zeros around a map, as the graph pads by hand: left, right, top, bottom.
std::optional<Padding> padding_of(const Node* node) {
  const std::string name = operator_name(node);
  if (name != "pad" && name != "constant_pad_nd") return std::nullopt;
  auto sides = whole_numbers(node->input(1));
  if (!sides || sides->size() > 4) return std::nullopt;
  sides->resize(4, 0);
  if (name == "pad") {
    const auto mode = constant(node->input(2));
    if (!mode || !mode->isString() || mode->toStringRef() != "constant") return std::nullopt;
  }
  if (!is_none_or_zero(node->inputs().back())) return std::nullopt;
  if (std::any_of(sides->begin(), sides->end(), [](auto v) { return v < 0; })) return std::nullopt;
  return Padding{(*sides)[2], (*sides)[0], (*sides)[3], (*sides)[1]};
}

/// Folds y = (x - mean) / sqrt(var + eps) * weight + bias into the convolution before it.
bool fold_batch_norm(const Node* node, Convolution& c) {
  if (operator_name(node) != "batch_norm") return false;
  const auto training = constant(node->input(5)), epsilon = constant(node->input(7));
  if (!training || training->toBool() || !epsilon) return false;
  const auto given = [&](size_t input, float otherwise) {
    const auto value = constant(node->input(input));
    if (value && value->isNone()) return std::vector<float>(static_cast<size_t>(c.out), otherwise);
    return floats(node->input(input), c.out);
  };
  const auto weight = given(1, 1), bias = given(2, 0), mean = given(3, 0), variance = given(4, 1);
  if (weight.empty() || bias.empty() || mean.empty() || variance.empty()) return false;
  const size_t inputs = c.weights.size() / static_cast<size_t>(c.out);
  for (size_t n = 0; n < static_cast<size_t>(c.out); ++n) {
    const double scale = weight[n] / std::sqrt(variance[n] + epsilon->toDouble());
    for (size_t i = 0; i < inputs; ++i) {
      float& value = c.weights[n * inputs + i];
      value = static_cast<float>(value * scale);
    }
    c.bias[n] = static_cast<float>((c.bias[n] - mean[n]) * scale + bias[n]);
  }
  return true;
}

/// What makes a list of the last `count` values; empty for elements other than tensors and whole
/// numbers. (The interpreter has an instruction for it, libtorch no operator.)
std::function<void(torch::jit::Stack&)> list_operation(const Node* node) {
  const auto count = node->inputs().size();
  const auto element = node->output()->type()->expectRef<c10::ListType>().getElementType();
  const auto made_of = [count](auto list, auto element_of) {
    return [count, list, element_of](torch::jit::Stack& stack) {
      auto made = list.copy();
      for (auto& value : torch::jit::last(stack, count)) made.push_back(element_of(value));
      torch::jit::drop(stack, count);
      stack.emplace_back(std::move(made));
    };
  };
  if (element->isSubtypeOf(*c10::TensorType::get())) {
    return made_of(c10::List<torch::Tensor>(), [](const c10::IValue& v) { return v.toTensor(); });
  }
  if (element->kind() == c10::TypeKind::IntType) {
    return made_of(c10::List<std::int64_t>(), [](const c10::IValue& v) { return v.toInt(); });
  }
  return {};
}

/// A convolution and the nodes that go with it.
struct Chain {
  ConvolutionStep step;
  Value *input = nullptr, *residual = nullptr, *output = nullptr;
};

class Reader {
 public:
  explicit Reader(torch::jit::Graph& graph) : graph_(graph) {}

  std::optional<Plan> read(std::string& why_not) {
    for (const Node* node : graph_.nodes()) {
      if (!node->blocks().empty()) {
        why_not = "its graph has control flow (" + kind(node) + ")";
        return std::nullopt;
      }
    }
    if (graph_.inputs().size() != 2 || graph_.inputs()[0]->hasUses()) {
      why_not = "its graph is not frozen to one input";
      return std::nullopt;
    }
    for (Node* node : graph_.nodes()) find_chain(node);
    if (chains_.empty()) {
      why_not = "it has no convolution that the kernels know";
      return std::nullopt;
    }
    if (!read_outputs()) {
      why_not = "it returns neither a tensor nor a tuple of them";
      return std::nullopt;
    }
    plan_.input = number(graph_.inputs()[1]);
    for (const auto* value : outputs_) plan_.outputs.push_back(number(value));
    for (Node* node : graph_.nodes()) {
      if (!emit(node, why_not)) return std::nullopt;
    }
    plan_.values = static_cast<int>(numbers_.size());
    return std::move(plan_);
  }

 private:
  int number(const Value* value) {
    return numbers_.try_emplace(value, static_cast<int>(numbers_.size())).first->second;
  }

  bool read_outputs() {
    outputs_.assign(graph_.outputs().begin(), graph_.outputs().end());
    if (outputs_.size() == 1 && outputs_[0]->node()->kind() == c10::prim::TupleConstruct) {
      Node* tuple = outputs_[0]->node();
      absorbed_.insert(tuple);
      outputs_.assign(tuple->inputs().begin(), tuple->inputs().end());
      plan_.tuple = true;
    }
    return std::all_of(outputs_.begin(), outputs_.end(), [](const Value* value) {
      return value->type()->isSubtypeOf(*c10::TensorType::get());
    });
  }

  /// If `node` is a convolution, all that follows it and fits.
  void find_chain(Node* node) {
    auto convolution = convolution_of(node);
    if (!convolution) return;
    Chain chain;
    chain.step.convolution = std::move(*convolution);
    Convolution& c = chain.step.convolution;
    chain.input = node->input(0);
    absorb_padding(chain);
    Node* last = node;
    const auto next = [&] {
      Node* user = only_user(last->output());
      return user && !absorbed_.contains(user) ? user : nullptr;
    };
    if (Node* user = next(); user && fold_batch_norm(user, c)) last = absorb(user);
    if (Node* user = next(); user && !c.depthwise && absorb_residual(user, last->output(), chain)) {
      last = absorb(user);
    }
    if (Node* user = next()) {
      if (const auto act = activation_of(user)) {
        c.activation = *act;
        last = absorb(user);
      }
    }
    absorbed_.insert(node);
    chain.output = last->output();
    chains_.emplace(last, std::move(chain));
  }

  Node* absorb(Node* node) {
    absorbed_.insert(node);
    return node;
  }

  void absorb_padding(Chain& chain) {
    Node* before = chain.input->node();
    const auto sides = padding_of(before);
    if (!sides || !only_user(chain.input)) return;
    Padding& padding = chain.step.convolution.padding;
    padding.top += sides->top;
    padding.left += sides->left;
    padding.bottom += sides->bottom;
    padding.right += sides->right;
    chain.input = before->input(0);
    absorbed_.insert(before);
  }

  /// value + other, alpha 1, in whichever order.
  static bool absorb_residual(Node* node, const Value* value, Chain& chain) {
    if (operator_name(node) != "add" || node->inputs().size() != 3) return false;
    Value *left = node->input(0), *right = node->input(1);
    const bool in_place = kind(node).ends_with('_');
    Value* other = left == value ? right : left;
    if (left == right || !is_number(node->input(2), 1) ||
        !other->type()->isSubtypeOf(*c10::TensorType::get()) || constant(other) ||
        (in_place && left != value && left->uses().size() != 1)) {
      return false;
    }
    chain.residual = other;
    return true;
  }

  bool emit(Node* node, std::string& why_not) {
    if (const auto found = chains_.find(node); found != chains_.end()) {
      Chain& chain = found->second;
      chain.step.input = number(chain.input);
      if (chain.residual) chain.step.residual = number(chain.residual);
      chain.step.output = number(chain.output);
      plan_.steps.emplace_back(std::move(chain.step));
      return true;
    }
    if (absorbed_.contains(node) || node->kind() == c10::prim::Constant) return true;
    if (is_mean(node)) {
      plan_.steps.emplace_back(MeanStep{number(node->input(0)), number(node->output())});
      return true;
    }
    return emit_libtorch(node, why_not);
  }

  /// Over height and width, to [N, C].
  static bool is_mean(const Node* node) {
    if (operator_name(node) != "mean" || node->inputs().size() != 4) return false;
    const auto over = whole_numbers(node->input(1));
    const auto keep = constant(node->input(2)), type = constant(node->input(3));
    return over &&
           (*over == std::vector<std::int64_t>{2, 3} ||
            *over == std::vector<std::int64_t>{-2, -1} ||
            *over == std::vector<std::int64_t>{-1, -2}) &&
           keep && !keep->toBool() && type && type->isNone();
  }

  bool emit_libtorch(Node* node, std::string& why_not) {
    LibtorchStep step;
    step.name = kind(node);
    if (node->kind() == c10::prim::ListConstruct) {
      step.operation = list_operation(node);
    } else if (const auto* op = node->maybeOperator()) {
      step.operation = op->getOperation(node);
    }
    if (!step.operation) {
      why_not = "libtorch has no operator " + step.name;
      return false;
    }
    for (const Value* input : node->inputs()) {
      const auto value = constant(input);
      value ? step.arguments.push_back({kNone, *value})
            : step.arguments.push_back({number(input), {}});
    }
    for (const Value* output : node->outputs()) step.outputs.push_back(number(output));
    plan_.steps.emplace_back(std::move(step));
    return true;
  }

  torch::jit::Graph& graph_;
  Plan plan_;
  std::unordered_map<const Value*, int> numbers_;
  std::unordered_map<const Node*, Chain> chains_;  // by their last node
  std::unordered_set<const Node*> absorbed_;
  std::vector<Value*> outputs_;
};

}  // namespace

std::optional<Plan> read_graph(const torch::jit::Module& module, std::string& why_not) {
  try {
    auto copy = module.clone();
    copy.eval();
    const auto frozen = torch::jit::freeze_module(copy);
    auto graph = frozen.get_method("forward").graph();
    auto plan = Reader(*graph).read(why_not);
    if (plan) plan->graph = graph;
    return plan;
  } catch (const std::exception& error) {
    const std::string text = error.what();
    why_not = "libtorch cannot freeze it: " + text.substr(0, text.find('\n'));
    return std::nullopt;
  }
}

}  // namespace preannotate::engine
