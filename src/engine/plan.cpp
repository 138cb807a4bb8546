#include "plan.h"

#include <type_traits>

namespace preannotate::engine {

std::vector<int> Plan::read_by(const Step& step) const {
  std::vector<int> values;
  const auto add = [&](int value) {
    if (value != kNone) values.push_back(value);
  };
  std::visit(
      [&](const auto& s) {
        using S = std::decay_t<decltype(s)>;
        if constexpr (std::is_same_v<S, LibtorchStep>) {
          for (const auto& argument : s.arguments) add(argument.value);
        } else {
          add(s.input);
          if constexpr (!std::is_same_v<S, MeanStep>) add(s.residual);
        }
      },
      step);
  return values;
}

std::vector<int> Plan::written_by(const Step& step) const {
  if (const auto* other = std::get_if<LibtorchStep>(&step)) return other->outputs;
  return {std::visit(
      [](const auto& s) {
        if constexpr (std::is_same_v<std::decay_t<decltype(s)>, LibtorchStep>)
          return kNone;
        else
          return s.output;
      },
      step)};
}

}  // namespace preannotate::engine
