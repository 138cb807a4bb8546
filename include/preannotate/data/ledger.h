#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "preannotate/core/files.h"
#include "preannotate/data/dataset.h"

namespace preannotate {

/// One line of drafts.jsonl: what became of one input image.
struct LedgerEntry {
  Sample sample;        // empty labels unless status is done
  std::string sha256;   // of the file's bytes; "" when it could not be read
  int orientation = 1;  // EXIF, 1-8, as found
  std::string status;   // done, empty, skipped or failed
  std::string reason;   // with skipped and failed: code of the bad-input catalogue
  std::string detail;   // and the sentence for people
  /// How unlike the seed the image is: share of the seed's images of its class that lie less far
  /// from the others, [0, 1], and its distance to the nearest; absent where none was measured.
  std::optional<double> strangeness;
  double distance = 0;
  std::vector<double> scores;  // of all categories, for classifiers; in the order of categories
  /// Of detectors: boxes whose score is too low to be shown, so that the threshold can be changed
  /// without the network.
  std::vector<Label> candidates;
};

/// {"image":...,"sha256":...,"width":...,...,"crc32":"8 hex digits"} without a newline; categories
/// by name. The checksum is of all that stands before it in the line.
std::string ledger_line(const LedgerEntry& entry, const std::vector<std::string>& categories);

/// True for a line that ends with its checksum and fits it.
bool fits_checksum(std::string_view line);

/// Throws UserError(kBadInput) naming `where`, also for a line that does not fit its checksum.
LedgerEntry parse_ledger_line(const std::string& line, const std::vector<std::string>& categories,
                              const std::string& where);

/// Reads drafts.jsonl line by line. Throws UserError(kBadInput) with file:line.
class LedgerReader {
 public:
  LedgerReader(std::filesystem::path path, std::vector<std::string> categories);
  std::optional<LedgerEntry> next();

 private:
  std::filesystem::path path_;
  std::vector<std::string> categories_;
  std::ifstream file_;
  size_t line_ = 0;
};

/// 12 hex digits from image content, model version and the object's place in the image: the same
/// draft gets the same id in every run.
std::string draft_id(const std::string& image, const std::string& image_sha256,
                     const std::string& model_version, const std::string& object);

}  // namespace preannotate
