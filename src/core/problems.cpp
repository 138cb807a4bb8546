#include "preannotate/core/problems.h"

#include "preannotate/core/log.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

constexpr size_t kNamedPerReason = 10;

}  // namespace

void Problems::add(Problem problem) {
  size_t before = 0;
  for (auto other = all_.begin(); other != all_.end() && before <= kNamedPerReason; ++other) {
    before += other->reason == problem.reason;
  }
  if (before < kNamedPerReason) {
    log_warning(problem.input + ": " + problem.reason + ": " + problem.detail);
  } else if (before == kNamedPerReason) {
    log_warning("more inputs are '" + problem.reason + "'; from here on they are only counted");
  }
  all_.push_back(std::move(problem));
}

std::map<std::string, size_t> Problems::count_by_reason() const {
  std::map<std::string, size_t> counts;
  for (const auto& problem : all_) ++counts[problem.reason];
  return counts;
}

void Problems::log_summary(size_t total) const {
  if (all_.empty()) return;
  std::string reasons;
  for (const auto& [reason, count] : count_by_reason()) {
    reasons += (reasons.empty() ? "" : ", ") + human_count(count) + " " + reason;
  }
  log_warning(human_count(all_.size()) + " of " + human_count(total) +
              (total == 1 ? " image was" : " images were") + " left out: " + reasons);
}

}  // namespace preannotate
