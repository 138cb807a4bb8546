#include "preannotate/data/ledger.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "bounded_fields.h"
#include "checksum.h"
#include "label_json.h"
#include "names.h"
#include "number_text.h"
#include "preannotate/core/error.h"
#include "preannotate/core/hash.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

constexpr double kFarthest = 1 << 30;  // a distance
constexpr std::array<std::string_view, 4> kStatuses = {"done", "empty", "skipped", "failed"};

bool has_result(const std::string& status) {
  return status == "done" || status == "empty";
}

int int_within(const Json& json, std::string_view key, int low, int high,
               const std::string& where) {
  return static_cast<int>(within<std::int64_t>(int_field(json, key, where), low, high, key, where));
}

void parse_result(const Json& json, const std::vector<std::string>& categories,
                  const std::string& where, LedgerEntry& entry) {
  Sample& sample = entry.sample;
  sample.bucket = string_field(json, "bucket", where);
  sample.uncertainty = fraction_field(json, "uncertainty", where);
  if (json.contains("strangeness")) {
    entry.strangeness = fraction_field(json, "strangeness", where);
    entry.distance =
        within(number_field(json, "distance", where), 0.0, kFarthest, "distance", where);
  }
  field(json, "labels", where);
  sample.labels = parse_labels(json, "labels", categories, where);
  if (json.contains("candidates")) {
    entry.candidates = parse_labels(json, "candidates", categories, where);
  }
  if (!json.contains("scores")) return;
  entry.scores = numbers_field(json, "scores", where);
  if (entry.scores.size() != categories.size()) {
    throw UserError(kBadInput, where, ": field 'scores' has ", entry.scores.size(),
                    " numbers, expected ", categories.size(), ", one for each category");
  }
  for (const double score : entry.scores) within(score, 0.0, 1.0, "scores", where);
}

LedgerEntry parse_entry(const Json& json, const std::vector<std::string>& categories,
                        const std::string& where) {
  constexpr int kLargest = std::numeric_limits<int>::max();
  LedgerEntry entry;
  entry.sample.image = checked_image_key(string_field(json, "image", where), where);
  entry.sha256 = string_field(json, "sha256", where);
  entry.sample.width = int_within(json, "width", 0, kLargest, where);
  entry.sample.height = int_within(json, "height", 0, kLargest, where);
  entry.orientation = int_within(json, "orientation", 1, 8, where);
  entry.status = string_field(json, "status", where);
  if (std::find(kStatuses.begin(), kStatuses.end(), entry.status) == kStatuses.end()) {
    throw UserError(kBadInput, where, ": field 'status' is '", entry.status,
                    "', expected done, empty, skipped or failed");
  }
  if (has_result(entry.status)) {
    parse_result(json, categories, where, entry);
  } else {
    entry.reason = string_field(json, "reason", where);
    entry.detail = string_field(json, "detail", where);
  }
  return entry;
}

LedgerEntry parse_line(const std::string& line, const std::filesystem::path& name, size_t number,
                       const std::vector<std::string>& categories, const std::string& where) {
  auto entry = parse_entry(parse_json(line, name, number), categories, where);
  check_checksum(line, where);
  return entry;
}

}  // namespace

std::string ledger_line(const LedgerEntry& entry, const std::vector<std::string>& categories) {
  const Sample& sample = entry.sample;
  Json json = {
      {"image", sample.image},   {"sha256", entry.sha256},           {"width", sample.width},
      {"height", sample.height}, {"orientation", entry.orientation}, {"status", entry.status}};
  if (has_result(entry.status)) {
    json["bucket"] = sample.bucket;
    json["uncertainty"] = rounded(sample.uncertainty, kScoreDecimals);
    if (entry.strangeness) {
      json["strangeness"] = rounded(*entry.strangeness, kScoreDecimals);
      json["distance"] = rounded(entry.distance, kScoreDecimals);
    }
    json["labels"] = Json::array();
    for (const Label& label : sample.labels)
      json["labels"].push_back(label_json(label, categories));
    if (!entry.candidates.empty()) {
      auto& candidates = json["candidates"] = Json::array();
      for (const Label& label : entry.candidates) {
        candidates.push_back(label_json(label, categories));
      }
    }
    if (!entry.scores.empty()) {
      auto& scores = json["scores"] = Json::array();
      for (const double score : entry.scores) scores.push_back(rounded(score, kScoreDecimals));
    }
  } else {
    json["reason"] = entry.reason;
    json["detail"] = printable(entry.detail);
  }
  const auto text = json_text(json);
  return with_checksum(text.substr(0, text.size() - 1));
}

LedgerEntry parse_ledger_line(const std::string& line, const std::vector<std::string>& categories,
                              const std::string& where) {
  return parse_line(line, where, 1, categories, where);
}

LedgerReader::LedgerReader(std::filesystem::path path, std::vector<std::string> categories)
    : path_(std::move(path)), categories_(std::move(categories)), file_(path_, std::ios::binary) {
  if (!file_) throw UserError(kBadInput, path_, ": ", std::strerror(errno));
}

std::optional<LedgerEntry> LedgerReader::next() {
  std::string line;
  while (std::getline(file_, line)) {
    ++line_;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    return parse_line(line, path_, line_, categories_,
                      path_.string() + ":" + std::to_string(line_));
  }
  if (file_.bad()) throw UserError(kBadInput, path_, ": cannot be read to its end");
  return std::nullopt;
}

std::string draft_id(const std::string& image, const std::string& image_sha256,
                     const std::string& model_version, const std::string& object) {
  std::string all;
  // With its length before it, no part can run into the next.
  for (const std::string* part : {&image, &image_sha256, &model_version, &object}) {
    all += std::to_string(part->size()) + ":" + *part;
  }
  return sha256(all).substr(0, 12);
}

}  // namespace preannotate
