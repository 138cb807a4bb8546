#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "preannotate/core/json.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/data/check.h"

namespace preannotate::cli {
namespace {

std::string tool_names() {
  std::vector<std::string> names;
  for (const auto& tool : label_tools()) names.push_back(tool.name);
  return join_names(names);
}

Json findings_json(const CheckResult& result) {
  Json list = Json::array();
  for (const Finding& finding : result.findings) {
    list.push_back({{"place", printable(finding.place)},
                    {"code", finding.code},
                    {"message", printable(finding.message)},
                    {"tools", finding.tools}});
  }
  return list;
}

std::string summary(const CheckOptions& options, const CheckResult& result) {
  const size_t count = result.findings.size() + result.more;
  return printable(options.path.string()) + ": " + result.format + ", " +
         human_count(result.images) + " images, " + human_count(result.labels) + " labels: " +
         (count == 0   ? "nothing found"
          : count == 1 ? "1 finding"
                       : human_count(count) + " findings");
}

/// The first of a kind, unless all are wanted: a file may have one fault ten thousand times.
void print(const CheckOptions& options, const CheckResult& result, bool all) {
  constexpr size_t kShown = 10;
  std::map<std::string, size_t> count;
  for (const Finding& finding : result.findings) {
    if (++count[finding.code] > kShown && !all) continue;
    std::cout << printable(finding.place) << ": " << finding.code << ": "
              << printable(finding.message);
    if (!finding.tools.empty()) std::cout << " (" << join_names(finding.tools) << ")";
    std::cout << '\n';
  }
  for (const auto& [code, found] : count) {
    if (found > kShown && !all)
      std::cout << human_count(found - kShown) << " more of " << code << " (--verbose or --json)\n";
  }
  std::cout << summary(options, result) << '\n';
}

ExitCode run_check(const CheckOptions& options, const SharedOptions& shared) {
  const CheckResult result = check_labels(options);
  if (shared.json) {
    std::cout << json_text({{"path", utf8_path(options.path)},
                            {"format", result.format},
                            {"images", result.images},
                            {"labels", result.labels},
                            {"findings", findings_json(result)},
                            {"more", result.more}},
                           1)
              << '\n';
  } else {
    print(options, result, shared.verbose);
  }
  for (const auto& loss : result.losses) log_warning("the repaired copy: " + loss);
  if (result.fixed) log_info("a repaired copy is in " + options.fix.string());
  if (!options.fix.empty() && !result.fixed)
    log_warning("nothing of it can be read, so that there is no repaired copy");
  return result.findings.empty() ? kDone : kCheckFailed;
}

}  // namespace

std::function<ExitCode()> declare_check(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<CheckOptions>();
  app.add_option("path", options->path, "Labels in any format")->required();
  app.add_option("--for", options->tool, "Only what concerns one of " + tool_names());
  app.add_option("--format", options->format, "Format of the labels (default: their looks)");
  app.add_option("--fix", options->fix, "New folder for a copy without what is wrong");
  return [options, &shared] { return run_check(*options, shared); };
}

}  // namespace preannotate::cli
