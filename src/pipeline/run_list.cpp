#include "run_list.h"

#include <algorithm>
#include <system_error>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMostBytes = 64 << 20;

/// False for what is no run; a run that cannot be read is said.
bool read_entry(const fs::path& folder, RunEntry& entry) {
  const fs::path file = folder / "run.json";
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return false;
  try {
    entry.folder = folder;
    entry.manifest = parse_json(read_file(file, kMostBytes), file);
    if (!entry.manifest.is_object() || !entry.manifest.contains("head")) return false;  // drafts
    entry.model_version = string_field(entry.manifest, "sha256", file.string()).substr(0, 12);
    if (entry.manifest.contains("lineage")) entry.lineage = entry.manifest["lineage"];
    return true;
  } catch (const UserError& error) {
    log_warning(error.what());
    return false;
  }
}

}  // namespace

std::vector<RunEntry> runs_in(const fs::path& folder) {
  std::vector<RunEntry> runs;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    if (name.starts_with(".") || it->is_symlink(ignored) || !it->is_directory(ignored)) continue;
    RunEntry entry;
    if (read_entry(it->path(), entry)) runs.push_back(std::move(entry));
  }
  std::sort(runs.begin(), runs.end(),
            [](const RunEntry& a, const RunEntry& b) { return a.folder < b.folder; });
  return runs;
}

}  // namespace preannotate
