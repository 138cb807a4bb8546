#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "gate_report.h"
#include "preannotate/core/json.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/data/check.h"

namespace preannotate::cli {

namespace fs = std::filesystem;

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

std::string sentence(const Finding& finding) {
  return printable(finding.place) + ": " + finding.code + ": " + printable(finding.message) +
         (finding.tools.empty() ? "" : " (" + join_names(finding.tools) + ")");
}

/// The first of a kind, unless all are wanted: a file may have one fault ten thousand times.
void print(const CheckOptions& options, const CheckResult& result, bool all) {
  constexpr size_t kShown = 10;
  std::map<std::string, size_t> count;
  for (const Finding& finding : result.findings) {
    if (++count[finding.code] > kShown && !all) continue;
    std::cout << sentence(finding) << '\n';
  }
  for (const auto& [code, found] : count) {
    if (found > kShown && !all)
      std::cout << human_count(found - kShown) << " more of " << code << " (--verbose or --json)\n";
  }
  std::cout << summary(options, result) << '\n';
}

/// Cuts ":12" or ":12 (images[3])" off a place; the line, 0 when there is none.
size_t cut_line(std::string& place) {
  const size_t end = std::min(place.find(" ("), place.size());
  const size_t colon = place.rfind(':', end);
  if (colon == place.npos || colon + 1 >= end) return 0;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::all_of(&place[colon + 1], &place[end], is_digit)) return 0;
  const size_t line = std::strtoul(&place[colon + 1], nullptr, 10);
  place.resize(colon);
  return line;
}

/// With the file that it names when there is such a one in the labels, beside them, in the folder
/// that COCO or VOC has, or at the path itself: of "a.jpg: box_clipped: a.xml:2: box ..." the
/// latter.
GateFailure failure_of(const Finding& finding, const fs::path& labels) {
  const std::string begin = finding.message.substr(0, finding.message.find(": "));
  for (std::string place : {begin, finding.place}) {
    const size_t line = cut_line(place);
    for (const auto& folder : {labels, labels.parent_path(), labels / "annotations",
                               labels / "Annotations", fs::path()}) {
      const fs::path file = folder / path_from_utf8(place);
      std::error_code error;
      if (fs::is_regular_file(file, error)) return {sentence(finding), file.string(), line};
    }
  }
  return {sentence(finding)};
}

/// A case for each code that was found; one that passed when none was, as a report without any
/// looks like a check that did not run.
Gate gate_of(const CheckResult& result, const fs::path& labels) {
  std::map<std::string, GateCase> cases;
  for (const Finding& finding : result.findings) {
    cases[finding.code].failures.push_back(failure_of(finding, labels));
  }
  if (result.more > 0) {
    cases["more"].failures.push_back(
        {human_count(result.more) + " more, of codes found over 1,000 times"});
  }
  Gate gate{"check", {}};
  if (cases.empty()) gate.cases.push_back({"labels", {}});
  for (auto& [code, entry] : cases) gate.cases.push_back({code, std::move(entry.failures)});
  return gate;
}

ExitCode run_check(const CheckOptions& options, const std::vector<std::string>& reports,
                   const SharedOptions& shared) {
  check_reports(reports);
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
  write_reports(reports, gate_of(result, options.path), shared.json);
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
  const auto reports = std::make_shared<std::vector<std::string>>();
  add_report(app, *reports);
  return [options, reports, &shared] { return run_check(*options, *reports, shared); };
}

}  // namespace preannotate::cli
