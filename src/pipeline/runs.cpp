#include "preannotate/pipeline/runs.h"

#include <algorithm>
#include <functional>
#include <system_error>

#include "current_run.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"
#include "preannotate/model/run_folder.h"
#include "run_list.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr const char* kCurrent = "current";

/// The first of the figures that a run can have noted.
void take_figure(const Json& metrics, RunLine& line) {
  if (!metrics.is_object()) return;
  for (const char* name : {"accuracy", "map50", "map"}) {
    if (!metrics.contains(name) || !metrics[name].is_object()) continue;
    line.figure = name;
    const Json& its = metrics[name];
    line.held_out = {its.value("value", 0.0), its.value("low", 0.0), its.value("high", 1.0)};
    return;
  }
}

RunLine line_of(const RunEntry& entry, const fs::path& current) {
  const std::string where = (entry.folder / "run.json").string();
  RunLine line;
  line.name = utf8_path(entry.folder.filename());
  line.model_version = entry.model_version;
  line.task = string_field(entry.manifest, "task", where);
  line.images = int_field(field(entry.manifest, "data", where), "images", where);
  take_figure(field(entry.manifest, "metrics", where), line);
  line.lineage = entry.lineage;
  if (entry.lineage.is_object()) {
    line.parent = string_field(entry.lineage, "parent", where);
    line.round = static_cast<int>(int_field(entry.lineage, "round", where));
    line.refused = !bool_field(entry.lineage, "promoted", where);
  }
  std::error_code ignored;
  line.current = fs::equivalent(entry.folder, current, ignored);
  return line;
}

/// Each behind the one it was made from; those whose parent is elsewhere begin.
std::vector<RunLine> as_chain(std::vector<RunLine> lines) {
  std::vector<RunLine> chain;
  std::vector<bool> placed(lines.size(), false);
  const std::function<void(size_t)> place = [&](size_t i) {
    if (placed[i]) return;
    placed[i] = true;
    chain.push_back(lines[i]);
    for (size_t k = 0; k < lines.size(); ++k) {
      if (!lines[k].parent.empty() && lines[k].parent == lines[i].model_version) place(k);
    }
  };
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool rooted = std::none_of(lines.begin(), lines.end(), [&](const RunLine& other) {
      return !lines[i].parent.empty() && other.model_version == lines[i].parent;
    });
    if (rooted) place(i);
  }
  for (size_t i = 0; i < lines.size(); ++i) place(i);
  return chain;
}

void use(const RunsOptions& options, const std::vector<RunEntry>& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) {
    names.push_back(utf8_path(entry.folder.filename()));
    if (names.back() != options.use) continue;
    load_run(entry.folder);
    return set_current(options.folder / kCurrent, entry.folder);
  }
  const std::string nearest = nearest_name(options.use, names);
  throw UserError(kUsageError, "--use ", options.use, ": there is no such run in ", options.folder,
                  " (", join_names(names, 12), ")",
                  nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
}

}  // namespace

RunsResult list_runs(const RunsOptions& options) {
  const auto entries = runs_in(options.folder);
  if (entries.empty()) {
    throw UserError(kBadInput, options.folder,
                    " holds no runs; name the folder that run folders lie in");
  }
  if (!options.use.empty()) use(options, entries);
  const fs::path current = options.folder / kCurrent;
  std::vector<RunLine> lines;
  for (const auto& entry : entries) lines.push_back(line_of(entry, current));
  RunsResult result;
  result.runs = as_chain(std::move(lines));
  for (const auto& line : result.runs) {
    if (line.current) result.current = line.name;
  }
  return result;
}

}  // namespace preannotate
