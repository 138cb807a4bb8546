#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/data/image_list.h"

namespace preannotate {

/// Names of the files in the output folder that a run can be gone on from.
inline const std::vector<std::string> kJournalFiles = {"drafts.jsonl", "journal.json"};

/// What decides the drafts; a run goes on only when all of it is as it was.
struct JournalHeader {
  std::string model_version;
  Json options;  // by the name that is typed: {"--conf": 0.3, ...}
  std::string device, engine;
  std::string images;  // digest of the list: keys, sizes and times of change
  size_t image_count = 0;
  int workers = 0, batch = 0;  // of the stream; a resumed run takes those that were
};

std::string digest_of(const std::vector<ImageFile>& images);

void write_header(const std::filesystem::path& folder, const JournalHeader& header);

/// Reads the header of an interrupted run. Throws UserError(kUsageError) "cannot resume: --conf was
/// 0.3, now 0.5 ..." for the first difference from `now`, but for workers and batch.
JournalHeader checked_header(const std::filesystem::path& folder, const JournalHeader& now);

}  // namespace preannotate
