#include "preannotate/data/answer_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "../core/sync_folder.h"
#include "bounded_fields.h"
#include "checksum.h"
#include "label_json.h"
#include "names.h"
#include "number_text.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"
#include "preannotate/data/ledger.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLog = "review.jsonl";
constexpr double kLongest_s = 1e9;
constexpr int kSecondDecimals = 2;
constexpr std::array<std::string_view, 4> kActions = {"labels", "skipped", "undone", "conflict"};
constexpr std::array<std::string_view, 3> kShown = {"draft", "blind", "honeypot"};

std::string answer_line(const Answer& answer, const std::vector<std::string>& categories) {
  Json json = {{"at", answer.at},
               {"image", answer.image},
               {"sha256", answer.sha256},
               {"reviewer", answer.reviewer},
               {"via", answer.via},
               {"selection", answer.selection},
               {"purpose", answer.purpose},
               {"shown", answer.shown},
               {"model_version", answer.model_version},
               {"action", answer.action},
               {"drafts", Json::array()},
               {"labels", Json::array()},
               {"seconds", rounded(answer.seconds, kSecondDecimals)}};
  for (const Label& label : answer.drafts) json["drafts"].push_back(label_json(label, categories));
  for (const Label& label : answer.labels) json["labels"].push_back(label_json(label, categories));
  if (!answer.returned_sha256.empty()) json["returned_sha256"] = answer.returned_sha256;
  const auto text = json_text(json);
  return with_checksum(text.substr(0, text.size() - 1));
}

/// A category that people added stands in their labels first.
void add_categories(const Json& json, std::vector<std::string>& categories,
                    const std::string& where) {
  const Json& labels = field(json, "labels", where);
  if (!labels.is_array()) throw UserError(kBadInput, where, ": field 'labels' is no list");
  for (const Json& label : labels) {
    const auto name = string_field(label, "category", where);
    if (category_index(categories, name) >= 0) continue;
    check_category_name(name, where);
    categories.push_back(name);
  }
}

std::string one_of(std::span<const std::string_view> words, const Json& json, const char* key,
                   const std::string& where) {
  const auto word = string_field(json, key, where);
  if (std::find(words.begin(), words.end(), word) == words.end()) {
    throw UserError(kBadInput, where, ": field '", key, "' is '", word, "', expected ",
                    join_names(std::vector<std::string>(words.begin(), words.end())));
  }
  return word;
}

Answer parse_answer(const Json& json, std::vector<std::string>& categories,
                    const std::string& where) {
  Answer answer;
  answer.image = checked_image_key(string_field(json, "image", where), where);
  answer.at = string_field(json, "at", where);
  answer.sha256 = string_field(json, "sha256", where);
  answer.reviewer = string_field(json, "reviewer", where);
  answer.via = string_field(json, "via", where);
  answer.selection = string_field(json, "selection", where);
  answer.purpose = string_field(json, "purpose", where);
  answer.shown = one_of(kShown, json, "shown", where);
  answer.model_version = string_field(json, "model_version", where);
  answer.action = one_of(kActions, json, "action", where);
  add_categories(json, categories, where);
  field(json, "drafts", where);
  answer.drafts = parse_labels(json, "drafts", categories, where);
  answer.labels = parse_labels(json, "labels", categories, where);
  answer.seconds = within(number_field(json, "seconds", where), 0.0, kLongest_s, "seconds", where);
  if (json.contains("returned_sha256"))
    answer.returned_sha256 = string_field(json, "returned_sha256", where);
  return answer;
}

/// Bytes up to the end of the last line that is whole.
size_t whole_bytes(std::string_view text) {
  const size_t last = text.rfind('\n');
  return last == text.npos ? 0 : last + 1;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UserError(kBadInput, path, ": ", std::strerror(errno));
  return {std::istreambuf_iterator<char>(file), {}};
}

void check(bool done, const fs::path& path) {
  if (!done) throw UserError(kCannotWrite, path, ": cannot be written: ", std::strerror(errno));
}

void write_all(int file, std::string_view left, const fs::path& path) {
  while (!left.empty()) {
    const ssize_t written = ::write(file, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    check(written >= 0, path);
    left.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

AnswerLog read_answer_log(const fs::path& drafts, const std::vector<std::string>& categories) {
  AnswerLog log{categories, {}};
  const fs::path path = drafts / kLog;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return log;
  const std::string text = text_of(path);
  const std::string_view whole = std::string_view(text).substr(0, whole_bytes(text));
  size_t number = 0;
  for (size_t begin = 0; begin < whole.size();) {
    const size_t end = whole.find('\n', begin);
    const std::string line(whole.substr(begin, end - begin));
    begin = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const auto where = path.string() + ":" + std::to_string(number);
    log.answers.push_back(parse_answer(parse_json(line, path, number), log.categories, where));
    check_checksum(line, where);
  }
  return log;
}

AnswerWriter::AnswerWriter(const fs::path& drafts) : path_(drafts / kLog) {
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  check(file_ >= 0, path_);
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    ::close(file_);
    throw UserError(kOutputExists, path_,
                    ": another preannotate takes answers of these drafts; end it first");
  }
  const auto whole = static_cast<off_t>(whole_bytes(text_of(path_)));
  const bool cut = ::ftruncate(file_, whole) == 0 && ::lseek(file_, 0, SEEK_END) == whole;
  const int error = errno;
  if (cut) return;
  ::close(file_);
  errno = error;
  check(false, path_);
}

AnswerWriter::~AnswerWriter() {
  if (file_ >= 0) ::close(file_);
}

void AnswerWriter::append(std::span<const Answer> answers,
                          const std::vector<std::string>& categories) {
  std::string lines;
  for (const Answer& answer : answers) lines += answer_line(answer, categories) + "\n";
  const off_t before = ::lseek(file_, 0, SEEK_CUR);
  try {
    write_all(file_, lines, path_);
    check(::fdatasync(file_) == 0, path_);
    // A file that was just made lasts through a power cut once its folder knows of it.
    if (before == 0) sync_folder(fs::absolute(path_).parent_path());
  } catch (const UserError&) {
    if (::ftruncate(file_, before) == 0) ::lseek(file_, before, SEEK_SET);
    throw;
  }
}

std::map<std::string, Answer> standing_answers(const AnswerLog& log, bool audits) {
  std::map<std::string, Answer> standing;
  for (const Answer& answer : log.answers) {
    if (answer.shown == "honeypot" || answer.action == "skipped") continue;
    if (answer.purpose == "audit" && !audits) continue;
    if (answer.action == "labels") {
      standing.insert_or_assign(answer.image, answer);
    } else {
      standing.erase(answer.image);
    }
  }
  return standing;
}

std::vector<int> numbers_in(std::vector<std::string>& categories,
                            const std::vector<std::string>& names) {
  std::vector<int> numbers;
  for (const auto& name : names) {
    int number = category_index(categories, name);
    if (number < 0) {
      number = static_cast<int>(categories.size());
      categories.push_back(name);
    }
    numbers.push_back(number);
  }
  return numbers;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace preannotate
