#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "preannotate/data/ledger.h"

namespace preannotate {

/// A drafts folder in memory.
struct DraftSet {
  std::filesystem::path folder;
  std::string task;  // classify, multilabel or detect
  std::string model_version;
  std::vector<std::string> categories;
  std::vector<std::string> sources;  // utf8_path()s that predict was given
  std::vector<LedgerEntry> entries;  // every line of the ledger
  std::vector<size_t> pool;          // positions of the images that were looked at
  std::map<std::string, size_t> at;  // position in `pool` of an image, by key
  const LedgerEntry& drafted(size_t item) const { return entries[pool[item]]; }
};

/// Throws UserError: kBadInput with file:line, kUsageError when `folder` holds no drafts.
DraftSet read_draft_set(const std::filesystem::path& folder);

/// How probable it is that a person need not change anything in an image, by the calibrated scores
/// and as if they were independent, [0, 1]: the score of its class; with several labels an image
/// the product of max(p, 1 - p); with boxes that of the shown ones' p and the candidates' 1 - p.
double confidence_of(const LedgerEntry& entry, const std::string& task);

/// SHA-256 over what was drafted for which content, whatever the buckets: the same until somebody
/// drafts anew.
std::string digest_of(const DraftSet& drafts);

/// Where an image lies, "" when the sources no longer tell.
std::filesystem::path source_of(const DraftSet& drafts, const std::string& image);

/// Writes the ledger with the buckets that `drafts` has now, then the counts in summary.json; each
/// file appears whole. Throws UserError(kCannotWrite).
void write_buckets(const DraftSet& drafts);

}  // namespace preannotate
