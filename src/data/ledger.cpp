#include "preannotate/data/ledger.h"

#include <zlib.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "names.h"
#include "number_text.h"
#include "preannotate/core/error.h"
#include "preannotate/core/hash.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

constexpr double kFarthest = 1 << 30;  // px; no image is larger, and a float holds it
constexpr std::array<std::string_view, 4> kStatuses = {"done", "empty", "skipped", "failed"};

bool has_result(const std::string& status) {
  return status == "done" || status == "empty";
}

/// Corners are rounded before they are subtracted, so that x + width is the rounded x2.
Json box_json(const Box& box) {
  const auto pixel = [](double value) { return rounded(value, kPixelDecimals); };
  return {pixel(box.x1), pixel(box.y1), pixel(pixel(box.x2) - pixel(box.x1)),
          pixel(pixel(box.y2) - pixel(box.y1))};
}

Json label_json(const Label& label, const std::vector<std::string>& categories) {
  Json json = Json::object();
  if (!label.id.empty()) json["id"] = label.id;
  json["category"] = categories.at(static_cast<size_t>(label.category));
  if (label.score) json["score"] = rounded(*label.score, kScoreDecimals);
  if (label.box) json["bbox"] = box_json(*label.box);
  return json;
}

/// The number of `key`, in [low, high].
template <class Number>
Number within(Number value, Number low, Number high, std::string_view key,
              const std::string& where) {
  if (!(value >= low && value <= high)) {
    throw UserError(kBadInput, where, ": field '", key, "' is ", value, ", expected ", low, " to ",
                    high);
  }
  return value;
}

int int_within(const Json& json, std::string_view key, int low, int high,
               const std::string& where) {
  return static_cast<int>(within<std::int64_t>(int_field(json, key, where), low, high, key, where));
}

double fraction_field(const Json& json, std::string_view key, const std::string& where) {
  return within(number_field(json, key, where), 0.0, 1.0, key, where);
}

int category_field(const Json& json, const std::vector<std::string>& categories,
                   const std::string& where) {
  const auto name = string_field(json, "category", where);
  const int index = category_index(categories, name);
  if (index < 0) {
    const auto nearest = nearest_name(name, categories);
    throw UserError(kBadInput, where, ": category '", name, "' is not among the ",
                    categories.size(), " of the run",
                    nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
  }
  return index;
}

Box box_field(const Json& json, const std::string& where) {
  const auto numbers = numbers_field(json, "bbox", where);
  const bool far = std::any_of(numbers.begin(), numbers.end(),
                               [](double number) { return std::abs(number) > kFarthest; });
  if (numbers.size() != 4 || numbers[2] < 0 || numbers[3] < 0 || far) {
    throw UserError(kBadInput, where, ": field 'bbox' is ", json_text(json["bbox"]),
                    ", expected [x, y, width, height]");
  }
  return {static_cast<float>(numbers[0]), static_cast<float>(numbers[1]),
          static_cast<float>(numbers[0] + numbers[2]), static_cast<float>(numbers[1] + numbers[3])};
}

Label parse_label(const Json& json, const std::vector<std::string>& categories,
                  const std::string& where) {
  Label label;
  label.category = category_field(json, categories, where);
  if (json.contains("score")) label.score = fraction_field(json, "score", where);
  if (json.contains("bbox")) label.box = box_field(json, where);
  if (json.contains("id")) label.id = string_field(json, "id", where);
  return label;
}

std::vector<Label> parse_labels(const Json& json, const char* key,
                                const std::vector<std::string>& categories,
                                const std::string& where) {
  const Json& list = json.at(key);
  if (!list.is_array()) throw UserError(kBadInput, where, ": field '", key, "' is no list");
  std::vector<Label> labels;
  for (const Json& label : list) labels.push_back(parse_label(label, categories, where));
  return labels;
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

constexpr std::string_view kChecksumKey = ",\"crc32\":\"";
constexpr size_t kChecksumDigits = 8;

std::string checksum(std::string_view text) {
  const auto crc =
      ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
  char digits[kChecksumDigits + 1];
  std::snprintf(digits, sizeof digits, "%08lx", crc);
  return digits;
}

/// `open` is an object's text without the last brace.
std::string with_checksum(const std::string& open) {
  return open + std::string(kChecksumKey) + checksum(open) + "\"}";
}

/// The checksum at the end of a line, or "".
std::string_view checksum_of(std::string_view line) {
  const size_t length = kChecksumKey.size() + kChecksumDigits + 2;
  if (line.size() < length) return {};
  const auto end = line.substr(line.size() - length);
  if (!end.starts_with(kChecksumKey) || !end.ends_with("\"}")) return {};
  return end.substr(kChecksumKey.size(), kChecksumDigits);
}

/// A line that ends otherwise, say one written by a person, has none.
void check_checksum(std::string_view line, const std::string& where) {
  while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
  if (checksum_of(line).empty() || fits_checksum(line)) return;
  throw UserError(kBadInput, where,
                  ": does not fit its checksum (crc32): the line was damaged, or ",
                  "changed by hand; remove the field crc32 if the change is meant");
}

LedgerEntry parse_line(const std::string& line, const std::filesystem::path& name, size_t number,
                       const std::vector<std::string>& categories, const std::string& where) {
  auto entry = parse_entry(parse_json(line, name, number), categories, where);
  check_checksum(line, where);
  return entry;
}

}  // namespace

bool fits_checksum(std::string_view line) {
  const auto said = checksum_of(line);
  if (said.empty()) return false;
  return said == checksum(line.substr(0, line.size() - said.size() - kChecksumKey.size() - 2));
}

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
