#include "preannotate/review/draft_set.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/hash.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"
#include "preannotate/data/drafts.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

bool looked_at(const LedgerEntry& entry) {
  return entry.status == "done" || entry.status == "empty";
}

}  // namespace

DraftSet read_draft_set(const fs::path& folder) {
  if (!is_drafts_folder(folder)) {
    throw UserError(kUsageError, folder,
                    " holds no drafts: it has no drafts.jsonl (preannotate predict writes one)");
  }
  const fs::path file = folder / "run.json";
  const Json run = read_json(file);
  DraftSet drafts;
  drafts.folder = folder;
  drafts.task = string_field(run, "task", file.string());
  drafts.model_version = string_field(run, "model_version", file.string());
  drafts.categories = strings_field(run, "categories", file.string());
  drafts.sources = strings_field(run, "source", file.string());
  LedgerReader ledger(folder / "drafts.jsonl", drafts.categories);
  while (auto entry = ledger.next()) {
    if (looked_at(*entry)) {
      drafts.at.emplace(entry->sample.image, drafts.pool.size());
      drafts.pool.push_back(drafts.entries.size());
    }
    drafts.entries.push_back(std::move(*entry));
  }
  return drafts;
}

double confidence_of(const LedgerEntry& entry, const std::string& task) {
  double confidence = 1;
  if (task == "classify") {
    confidence = entry.sample.labels.empty() ? 0 : entry.sample.labels[0].score.value_or(0);
  } else if (task == "multilabel") {
    for (const double score : entry.scores) confidence *= std::max(score, 1 - score);
  } else {
    for (const Label& shown : entry.sample.labels) confidence *= shown.score.value_or(0);
    for (const Label& hidden : entry.candidates) confidence *= 1 - hidden.score.value_or(0);
  }
  return confidence;
}

std::string digest_of(const DraftSet& drafts) {
  std::string all;
  for (const size_t position : drafts.pool) {
    LedgerEntry entry = drafts.entries[position];
    entry.sample.bucket.clear();
    all += ledger_line(entry, drafts.categories) + '\n';
  }
  return sha256(all);
}

fs::path source_of(const DraftSet& drafts, const std::string& image) {
  const fs::path below = path_from_utf8(image);
  std::error_code ignored;
  for (const auto& text : drafts.sources) {
    const fs::path source = path_from_utf8(text);
    if (fs::is_regular_file(source, ignored)) {
      if (drafts.sources.size() == 1 || source.filename() == below) return source;
    } else if (drafts.sources.size() == 1 || fs::exists(source / below, ignored)) {
      return source / below;
    }
  }
  // Of sources with keys in common they are the paths as given, without a leading '/'.
  for (const fs::path& path : {below, "/" / below}) {
    if (drafts.sources.size() > 1 && fs::exists(path, ignored)) return path;
  }
  return {};
}

void write_buckets(const DraftSet& drafts) {
  AtomicFile ledger(drafts.folder / "drafts.jsonl");
  std::map<std::string, size_t> buckets{{"accept", 0}, {"empty", 0}, {"review", 0}};
  for (const LedgerEntry& entry : drafts.entries) {
    ledger.write(ledger_line(entry, drafts.categories) + '\n');
    if (!entry.sample.bucket.empty()) ++buckets[entry.sample.bucket];
  }
  ledger.commit();
  const fs::path file = drafts.folder / "summary.json";
  Json summary = read_json(file);
  summary["buckets"] = buckets;
  write_file(file, json_text(summary, 1) + "\n");
}

}  // namespace preannotate
