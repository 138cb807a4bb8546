#include <algorithm>

#include "plan.h"

namespace preannotate::engine {

namespace {

/// Who writes and who reads each value.
class Uses {
 public:
  explicit Uses(const Plan& plan)
      : writers_(static_cast<size_t>(plan.values), kNone),
        readers_(static_cast<size_t>(plan.values)) {
    for (size_t i = 0; i < plan.steps.size(); ++i) {
      for (const int value : plan.written_by(plan.steps[i])) {
        writers_[static_cast<size_t>(value)] = static_cast<int>(i);
      }
      for (const int value : plan.read_by(plan.steps[i])) {
        readers_[static_cast<size_t>(value)].push_back(static_cast<int>(i));
      }
    }
    constexpr int kCaller = -2;
    for (const int value : plan.outputs) readers_[static_cast<size_t>(value)].push_back(kCaller);
  }

  int writer(int value) const { return writers_[static_cast<size_t>(value)]; }
  int only_reader(int value) const {
    const auto& readers = readers_[static_cast<size_t>(value)];
    return readers.size() == 1 && readers[0] >= 0 ? readers[0] : kNone;
  }

 private:
  std::vector<int> writers_;
  std::vector<std::vector<int>> readers_;
};

}  // namespace

void join_blocks(Plan& plan) {
  const Uses uses(plan);
  std::vector<bool> joined(plan.steps.size(), false);
  const auto convolution = [&](int step) -> ConvolutionStep* {
    if (step < 0 || joined[static_cast<size_t>(step)]) return nullptr;
    return std::get_if<ConvolutionStep>(&plan.steps[static_cast<size_t>(step)]);
  };
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    auto* middle = convolution(static_cast<int>(i));
    if (!middle || !middle->convolution.depthwise) continue;
    BlockStep block;
    block.depthwise = middle->convolution;
    block.input = middle->input;
    block.output = middle->output;
    const int before = uses.writer(middle->input), after = uses.only_reader(middle->output);
    auto* expand =
        uses.only_reader(middle->input) == static_cast<int>(i) ? convolution(before) : nullptr;
    if (expand && !expand->convolution.depthwise && expand->residual == kNone) {
      block.expand = std::move(expand->convolution);
      block.input = expand->input;
      joined[static_cast<size_t>(before)] = true;
    }
    auto* project = convolution(after);
    size_t place = i;
    if (project && project->input == middle->output && project->convolution.pointwise() &&
        !project->convolution.depthwise && project->residual != middle->output) {
      block.project = std::move(project->convolution);
      block.residual = project->residual;
      block.output = project->output;
      joined[i] = true;
      place = static_cast<size_t>(after);
    }
    plan.steps[place] = std::move(block);
  }
  size_t i = 0;
  std::erase_if(plan.steps, [&](const Step&) { return joined[i++]; });
}

}  // namespace preannotate::engine
