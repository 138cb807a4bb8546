#include "config_file.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <set>

#include "preannotate/core/error.h"
#include "preannotate/core/text.h"
#include "usage_errors.h"

namespace preannotate::cli {
namespace {

constexpr const char* kBlank = " \t\r";

/// One pass over the text of a config file.
class Reader {
 public:
  Reader(std::string text, std::string name, const CLI::App& program)
      : text_(std::move(text)), name_(std::move(name)), program_(program) {}

  std::vector<CLI::ConfigItem> read();

 private:
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw UserError(kUsageError, name_, ":", line_, ": ", parts...);
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  bool at_end() const { return at_ >= text_.size(); }
  void skip_blank() { at_ = std::min(text_.find_first_not_of(kBlank, at_), text_.size()); }
  void skip_comment() {
    if (peek() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
  }
  void skip_line_end();
  void skip_lines();
  std::string word();
  std::string quoted();
  std::string value();
  std::vector<std::string> values();
  void open_section();
  CLI::ConfigItem setting();
  void check_key(const std::string& key, bool is_switch);

  std::string text_, name_;
  const CLI::App& program_;
  const CLI::App* command_ = nullptr;
  std::set<std::string> seen_;
  size_t at_ = 0, line_ = 1;
};

/// To the next line; the rest of this one may only be a comment.
void Reader::skip_line_end() {
  skip_blank();
  skip_comment();
  if (peek() != '\n') {
    fail("expected the end of the line before '", text_.substr(at_, text_.find('\n', at_) - at_),
         "'");
  }
  ++at_;
  ++line_;
}

/// Over blank lines and comments.
void Reader::skip_lines() {
  for (skip_blank(); !at_end() && (peek() == '\n' || peek() == '#'); skip_blank()) skip_line_end();
}

/// A key, a section's name, a number, true or false.
std::string Reader::word() {
  const size_t start = at_;
  const auto in_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("_-+.").find(c) != std::string_view::npos;
  };
  while (in_word(peek())) ++at_;
  return text_.substr(start, at_ - start);
}

/// "with \" escapes" or 'without'.
std::string Reader::quoted() {
  const char quote = text_[at_++];
  std::string out;
  while (peek() != quote) {
    if (peek() == '\n') fail("a string lacks its closing ", quote);
    if (peek() != '\\' || quote == '\'') {
      out += text_[at_++];
      continue;
    }
    const char escaped = text_[std::min(at_ + 1, text_.size() - 1)];
    const size_t which = std::string_view("\"\\nt").find(escaped);
    if (which == std::string_view::npos) {
      fail("'\\", escaped,
           "' is no escape that is known here; write '...' for a string without any");
    }
    out += "\"\\\n\t"[which];
    at_ += 2;
  }
  ++at_;
  return out;
}

std::string Reader::value() {
  if (peek() == '"' || peek() == '\'') return quoted();
  const std::string bare = word();
  double number = 0;
  if (bare == "true" || bare == "false" || parse_number(bare, number)) return bare;
  fail("expected a value: \"text\", a number, true, false or [an, array]",
       bare.empty() ? "" : ", found '" + bare + "'");
}

std::vector<std::string> Reader::values() {
  if (peek() != '[') return {value()};
  std::vector<std::string> all;
  ++at_;
  for (skip_lines(); peek() != ']'; skip_lines()) {
    all.push_back(value());
    skip_lines();
    if (peek() == ',') {
      ++at_;
    } else if (peek() != ']') {
      fail("expected ',' or ']' in the array");
    }
  }
  ++at_;
  return all;
}

void Reader::open_section() {
  ++at_;
  skip_blank();
  const std::string section = word();
  skip_blank();
  if (peek() != ']') fail("expected [command]");
  ++at_;
  const auto commands = program_.get_subcommands({});
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const auto* app) { return app->get_name() == section; });
  if (found == commands.end()) {
    fail("unknown section [", section, "]", suggestion(section, command_names(program_)));
  }
  command_ = *found;
}

/// `is_switch`: the value is true or false.
void Reader::check_key(const std::string& key, bool is_switch) {
  if (!command_) fail("'", key, "' stands before the first section; begin with [train] or another");
  const auto* option = command_->get_option_no_throw("--" + key);
  if (!option || !option->get_configurable()) {
    std::vector<std::string> keys;
    for (const auto& name : option_names(*command_)) keys.push_back(name.substr(2));
    fail("unknown key '", key, "' in [", command_->get_name(), "]", suggestion(key, keys));
  }
  if (!seen_.insert(command_->get_name() + "." + key).second) {
    fail("'", key, "' is given twice in [", command_->get_name(), "]");
  }
  if ((option->get_expected_min() == 0) != is_switch) {
    fail("'", key, is_switch ? "' needs a value, not true or false" : "' is either true or false");
  }
}

CLI::ConfigItem Reader::setting() {
  CLI::ConfigItem item;
  item.name = word();
  skip_blank();
  if (item.name.empty() || peek() != '=') fail("expected [command] or option = value");
  ++at_;
  skip_blank();
  const bool quoted_or_array = std::string_view("\"'[").find(peek()) != std::string_view::npos;
  item.inputs = values();
  const bool is_switch =
      !quoted_or_array && (item.inputs[0] == "true" || item.inputs[0] == "false");
  check_key(item.name, is_switch);
  item.parents = {command_->get_name()};
  return item;
}

std::vector<CLI::ConfigItem> Reader::read() {
  std::vector<CLI::ConfigItem> items;
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  for (skip_lines(); !at_end(); skip_lines()) {
    if (peek() == '[') {
      open_section();
    } else {
      CLI::ConfigItem item = setting();
      // The other commands' options are checked by name only: they do not take part.
      if (command_->count() > 0) items.push_back(std::move(item));
    }
    skip_line_end();
  }
  return items;
}

}  // namespace

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& input) const {
  std::string text{std::istreambuf_iterator<char>(input), {}};
  return Reader(std::move(text), program_.get_config_ptr()->as<std::string>(), program_).read();
}

}  // namespace preannotate::cli
