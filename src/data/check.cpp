#include "preannotate/data/check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <system_error>
#include <utility>

#include "file_kind.h"
#include "lint.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/text.h"
#include "preannotate/data/fit.h"
#include "preannotate/data/format.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostOfACode = 1000;

using Linter = std::vector<Finding> (*)(const fs::path&);

const std::map<std::string_view, Linter>& linters() {
  static const std::map<std::string_view, Linter> kLinters = {{"coco", lint_coco},
                                                              {"cvat", lint_cvat},
                                                              {"label_studio", lint_label_studio},
                                                              {"voc", lint_voc},
                                                              {"yolo", lint_yolo}};
  return kLinters;
}

const LabelTool& tool_named(const std::string& name) {
  std::vector<std::string> names;
  for (const LabelTool& tool : label_tools()) {
    if (tool.name == name) return tool;
    names.push_back(tool.name);
  }
  const auto nearest = nearest_name(name, names);
  throw UserError(kUsageError, "--for '", name, "' is no tool that is known",
                  nearest.empty() ? "" : "; did you mean '" + nearest + "'?",
                  "; known: ", join_names(names));
}

bool concerns(const Finding& finding, const std::string& tool) {
  return tool.empty() || finding.tools.empty() ||
         std::find(finding.tools.begin(), finding.tools.end(), tool) != finding.tools.end();
}

class Check {
 public:
  explicit Check(const CheckOptions& options)
      : options_(options),
        format_(options.format.empty() ? format_of(options.path) : format_named(options.format)) {
    result_.format = format_.name;
  }

  CheckResult run() {
    check_tool();
    std::optional<OutputFolder> output;  // before the work: it may not be writable
    if (!options_.fix.empty())
      output.emplace(options_.fix, /*force=*/false, std::span<const std::string>());
    const bool readable = read();
    lint();
    add_lines();
    limit();
    if (readable && output && !dataset_.samples.empty()) fix(*output);
    return std::move(result_);
  }

 private:
  void check_tool() {
    if (options_.tool.empty()) return;
    const auto& formats = tool_named(options_.tool).formats;
    if (std::find(formats.begin(), formats.end(), format_.name) != formats.end()) return;
    add({options_.path.string(),
         "format_not_read",
         options_.tool + " does not read " + std::string(format_.name) +
             "; convert it to one of: " + join_names(formats),
         {options_.tool}});
  }

  /// False when nothing of it can be read.
  bool read() {
    try {
      dataset_ = format_.read(options_.path, {.repair = true});
    } catch (const UserError& error) {
      if (error.exit_code() != kBadInput) throw;
      add({options_.path.string(), "unreadable", error.what(), {}});
      return false;
    }
    for (const Problem& problem : dataset_.problems) add(finding_of(problem));
    result_.images = dataset_.samples.size();
    for (const Sample& sample : dataset_.samples) result_.labels += sample.labels.size();
    if (result_.labels == 0) add({options_.path.string(), "no_labels", "no image has a label", {}});
    for (auto& finding : lint_dataset(dataset_)) add(std::move(finding));
    return true;
  }

  /// A fault begins with its place, "annotations[3]: ...".
  static Finding finding_of(const Problem& problem) {
    const auto colon = problem.detail.find(": ");
    if (problem.reason != "faulty" || colon == problem.detail.npos)
      return {problem.input, problem.reason, problem.detail, {}};
    return {problem.detail.substr(0, colon), problem.reason, problem.detail.substr(colon + 2), {}};
  }

  void lint() {
    const auto linter = linters().find(format_.name);
    if (linter == linters().end()) return;
    try {
      for (auto& finding : linter->second(options_.path)) add(std::move(finding));
    } catch (const UserError& error) {
      if (error.exit_code() != kBadInput) throw;  // reading has said it
    }
  }

  /// "annotations[3]" gets file and line before it.
  void add_lines() {
    static const std::regex kItem(R"(([a-z]+)?(\[\d+\]))");
    const auto files = json_files();
    if (files.size() != 1) return;
    std::map<std::string, size_t> lines;
    bool read = false;
    for (Finding& finding : result_.findings) {
      std::smatch item;
      const std::string text = finding.place + " " + finding.message;
      if (!std::regex_search(text, item, kItem)) continue;
      if (!std::exchange(read, true)) lines = lines_of_items(files[0]);
      auto line = lines.find(item.str());
      if (line == lines.end()) line = lines.find(item.str(2));  // of the outermost list
      if (line == lines.end()) continue;
      const bool item_is_place = finding.place.find(item.str()) != std::string::npos;
      finding.place = files[0].filename().string() + ":" + std::to_string(line->second) + " (" +
                      (item_is_place ? finding.place : finding.place + ", " + item.str()) + ")";
    }
  }

  std::vector<fs::path> json_files() const {
    if (!is_folder(options_.path)) {
      return has_extension(options_.path, ".json") ? std::vector{options_.path}
                                                   : std::vector<fs::path>{};
    }
    for (const char* name : {"annotations.json", "tasks.json"}) {
      std::error_code error;
      if (fs::is_regular_file(options_.path / name, error)) return {options_.path / name};
    }
    auto files = files_with(options_.path, ".json");
    return files.empty() ? files_with(options_.path / "annotations", ".json") : files;
  }

  void add(Finding finding) {
    if (concerns(finding, options_.tool)) result_.findings.push_back(std::move(finding));
  }

  void limit() {
    std::map<std::string, size_t> count;
    result_.more = std::erase_if(result_.findings, [&](const Finding& finding) {
      return ++count[finding.code] > kMostOfACode;
    });
  }

  /// What could be read, written anew: our writers know every reader's traps.
  void fix(OutputFolder& output) {
    Fitted fit = fitted(std::move(dataset_), format_);
    format_.write(fit.dataset, output.path());
    output.commit();
    result_.fixed = true;
    result_.losses = std::move(fit.losses);
  }

  const CheckOptions& options_;
  const DatasetFormat& format_;
  Dataset dataset_;
  CheckResult result_;
};

}  // namespace

const std::vector<LabelTool>& label_tools() {
  static const std::vector<LabelTool> kTools = {
      {"cvat", {"cvat", "coco", "datumaro", "voc", "yolo", "yolo_classify"}},
      {"datumaro", {"datumaro", "coco", "cvat", "voc", "yolo", "yolo_classify"}},
      {"fiftyone", {"coco", "voc", "yolo", "folder", "open_images"}},
      {"label_studio", {"label_studio"}},
      {"pycocotools", {"coco"}},
      {"torchvision", {"folder", "coco", "voc"}},
      {"ultralytics", {"yolo", "yolo_classify"}}};
  return kTools;
}

CheckResult check_labels(const CheckOptions& options) {
  std::error_code error;
  if (!fs::exists(options.path, error)) {
    throw UserError(kUsageError, options.path, error ? ": " + error.message() : " does not exist");
  }
  return Check(options).run();
}

}  // namespace preannotate
