#include "label_problems.h"

#include <map>
#include <nlohmann/json.hpp>

#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/data/format.h"

namespace preannotate::cli {
Json problems_json(const std::vector<Problem>& problems) {
  Json list = Json::array();
  for (const Problem& problem : problems) {
    list.push_back({{"input", printable(problem.input)},
                    {"reason", problem.reason},
                    {"detail", printable(problem.detail)}});
  }
  return list;
}

bool warn_of(const std::vector<Problem>& problems) {
  std::map<std::string, std::vector<const Problem*>> by_reason;
  bool left_out = false;
  for (const Problem& problem : problems) {
    by_reason[problem.reason].push_back(&problem);
    left_out = left_out || leaves_out(problem.reason);
  }
  for (const auto& [reason, found] : by_reason) {
    const Problem& first = *found.front();
    log_warning(human_count(found.size()) + " x " + reason + ", first " + first.input + ": " +
                first.detail);
  }
  return left_out;
}

std::string format_list() {
  std::vector<std::string> names;
  for (const auto* format : dataset_formats()) names.emplace_back(format->name);
  return join_names(names);
}

}  // namespace preannotate::cli
