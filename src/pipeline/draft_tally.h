#pragma once

#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/data/ledger.h"

namespace preannotate {

/// What the summary of predict counts.
class DraftTally {
 public:
  explicit DraftTally(size_t classes) : per_class_(classes, 0) {}

  void add(const LedgerEntry& entry);
  size_t found() const { return done_ + empty_ + skipped_ + failed_; }
  size_t looked_at() const { return done_ + empty_; }
  size_t copies() const { return copies_; }  // images whose content came before

  /// Adds found, done, empty, skipped, failed, copies, buckets, per_class and reasons.
  void report(Json& summary, const std::vector<std::string>& classes) const;

 private:
  size_t done_ = 0, empty_ = 0, skipped_ = 0, failed_ = 0, copies_ = 0;
  std::map<std::string, size_t> buckets_{{"accept", 0}, {"empty", 0}, {"review", 0}};
  std::map<std::string, size_t> reasons_;
  std::vector<size_t> per_class_;
  std::unordered_set<std::string> contents_;  // sha256
};

}  // namespace preannotate
