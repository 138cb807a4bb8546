#include "csv_rows.h"

#include <algorithm>

#include "preannotate/core/error.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const std::filesystem::path& name) : text_(text), name_(name) {}

  std::vector<CsvRow> run() {
    std::vector<CsvRow> rows;
    while (at_ < text_.size()) {
      CsvRow row = parse_row();
      const bool blank = row.fields.size() == 1 && row.fields[0].empty();
      if (!blank) rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  bool at_line_end() const {
    return at_ == text_.size() || text_[at_] == '\n' || text_[at_] == '\r';
  }

  CsvRow parse_row() {
    CsvRow row{line_, {}};
    for (;;) {
      row.fields.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted() : plain());
      if (at_line_end()) break;
      ++at_;  // the comma
    }
    if (at_ < text_.size()) end_line();
    return row;
  }

  void end_line() {
    at_ += text_.substr(at_).starts_with("\r\n") ? 2 : 1;
    ++line_;
  }

  std::string plain() {
    const size_t end = std::min(text_.find_first_of(",\r\n\"", at_), text_.size());
    if (end < text_.size() && text_[end] == '"') {
      fail(line_,
           "a quote inside an unquoted field; write the whole field in quotes, its own quotes "
           "doubled");
    }
    const auto field = text_.substr(at_, end - at_);
    if (!is_valid_utf8(field))
      fail(line_, "not UTF-8: '" + std::string(field) + "'; save the file as UTF-8");
    at_ = end;
    return std::string(field);
  }

  std::string quoted() {
    const size_t started = line_;
    std::string field;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      line_ += c == '\n';
      field += c;
    }
    if (at_ == text_.size()) fail(started, "a quoted field is not closed");
    ++at_;
    if (!at_line_end() && text_[at_] != ',')
      fail(line_, "text after a closing quote; expected a comma");
    if (!is_valid_utf8(field)) fail(started, "not UTF-8: '" + field + "'; save the file as UTF-8");
    return field;
  }

  [[noreturn]] void fail(size_t line, const std::string& why) const {
    throw UserError(kBadInput, name_, ":", line, ": ", why);
  }

  std::string_view text_;
  const std::filesystem::path& name_;
  size_t at_ = 0, line_ = 1;
};

}  // namespace

std::vector<CsvRow> parse_csv(std::string_view text, const std::filesystem::path& name) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw UserError(kBadInput, name, ": the file is UTF-16; save it as UTF-8");
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return Parser(text, name).run();
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

}  // namespace preannotate
