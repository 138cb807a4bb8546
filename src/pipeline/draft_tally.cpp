#include "draft_tally.h"

#include <nlohmann/json.hpp>

namespace preannotate {
namespace {

Json counts_json(const std::map<std::string, size_t>& counts) {
  Json json = Json::object();
  for (const auto& [name, count] : counts) json[name] = count;
  return json;
}

}  // namespace

void DraftTally::add(const LedgerEntry& entry) {
  if (!entry.sha256.empty() && !contents_.insert(entry.sha256).second) ++copies_;
  if (entry.status == "done") ++done_;
  if (entry.status == "empty") ++empty_;
  if (entry.status == "skipped") ++skipped_;
  if (entry.status == "failed") ++failed_;
  if (!entry.reason.empty()) ++reasons_[entry.reason];
  if (!entry.sample.bucket.empty()) ++buckets_[entry.sample.bucket];
  for (const auto& label : entry.sample.labels) ++per_class_[static_cast<size_t>(label.category)];
}

void DraftTally::report(Json& summary, const std::vector<std::string>& classes) const {
  summary["found"] = found();
  summary["done"] = done_;
  summary["empty"] = empty_;
  summary["skipped"] = skipped_;
  summary["failed"] = failed_;
  summary["copies"] = copies_;
  summary["buckets"] = counts_json(buckets_);
  summary["per_class"] = Json::object();
  for (size_t c = 0; c < classes.size(); ++c) summary["per_class"][classes[c]] = per_class_[c];
  summary["reasons"] = counts_json(reasons_);
}

}  // namespace preannotate
