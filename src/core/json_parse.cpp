#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <system_error>
#include <unordered_set>
#include <vector>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

constexpr size_t kDeepest = 64;
constexpr size_t kContextBytes = 40;

/// JSON text, of memory or of a file that is read in pieces, and where in it the parser is.
class Source {
 public:
  Source(std::string_view text, const std::filesystem::path& name, size_t first_line)
      : name_(name), lines_before_(first_line), at_(text.data()), end_(at_ + text.size()) {
    start_ = counted_ = at_;
    lines_ = first_line;
  }
  explicit Source(const std::filesystem::path& path)
      : name_(path), lines_before_(1), file_(path, std::ios::binary), window_(kWindow, '\0') {
    if (!file_) throw UserError(kBadInput, path, ": ", std::strerror(errno));
    start_ = at_ = end_ = counted_ = window_.data();
    lines_ = 1;
    read_on();
  }

  bool ended() const { return at_ == end_; }
  char current() const { return *at_; }
  void advance() {
    if (++at_ == end_ && file_.is_open()) read_on();
  }
  std::string_view ahead() const { return {at_, static_cast<size_t>(end_ - at_)}; }
  void skip(size_t bytes) {
    at_ += bytes;
    start_ = counted_ = at_;
  }

  /// Bytes from the first that counts.
  size_t offset() const { return before_ + static_cast<size_t>(at_ - start_); }
  /// Counts from where it was asked last: many ask, each for the next item.
  size_t line() {
    lines_ += static_cast<size_t>(std::count(counted_, at_, '\n'));
    counted_ = at_;
    return lines_;
  }

  /// "path:3:14: why, near 'next 40 bytes'". Columns count bytes from 1.
  [[noreturn]] void fail(size_t offset, const std::string& why) const {
    const std::string_view text(start_, static_cast<size_t>(end_ - start_));
    offset = std::min(offset - std::min(offset, before_), text.size());
    const auto before = text.substr(0, offset);
    const auto line =
        static_cast<size_t>(std::count(before.begin(), before.end(), '\n')) + lines_before_;
    const size_t line_start = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
    const size_t column = offset - line_start + 1 + (line_start == 0 ? column_before_ : 0);
    const auto from = std::max(line_start, offset - std::min(offset, kContextBytes / 2));
    auto context = text.substr(from, kContextBytes);
    context = context.substr(0, context.find('\n'));
    throw UserError(kBadInput, name_, ":", line, ":", column, ": ", why,
                    context.empty() ? "" : ", near '" + std::string(context) + "'");
  }

 private:
  /// Keeps the last bytes for messages.
  void read_on() {
    line();
    const auto kept = std::min(kKept, static_cast<size_t>(at_ - start_));
    const char* keep_from = at_ - kept;
    lines_before_ += static_cast<size_t>(std::count(start_, keep_from, '\n'));
    const std::string_view gone(start_, static_cast<size_t>(keep_from - start_));
    const size_t last_line = gone.rfind('\n');
    column_before_ =
        last_line == gone.npos ? column_before_ + gone.size() : gone.size() - last_line - 1;
    before_ += gone.size();
    std::memmove(window_.data(), keep_from, kept);
    file_.read(window_.data() + kept, static_cast<std::streamsize>(window_.size() - kept));
    const auto got = static_cast<size_t>(std::max<std::streamsize>(file_.gcount(), 0));
    if (file_.bad()) throw UserError(kBadInput, name_, ": cannot be read to its end");
    start_ = window_.data();
    at_ = start_ + kept;
    counted_ = at_;
    end_ = at_ + got;
    if (got == 0) file_.close();
  }

  static constexpr size_t kWindow = 1 << 20, kKept = 1 << 12;  // bytes
  std::filesystem::path name_;
  size_t before_ = 0, lines_before_, column_before_ = 0;  // of what is no longer in the window
  std::ifstream file_;
  std::string window_;
  const char *start_, *at_, *end_;
  const char* counted_;  // up to here lines_ is right
  size_t lines_;
};

/// What nlohmann reads from; all copies share one place.
class SourceIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  SourceIterator() = default;  // the end
  explicit SourceIterator(Source* source) : source_(source) {}
  char operator*() const { return source_->current(); }
  SourceIterator& operator++() {
    source_->advance();
    return *this;
  }
  SourceIterator operator++(int) {
    ++*this;
    return *this;
  }
  bool operator==(const SourceIterator& other) const { return ended() == other.ended(); }

 private:
  bool ended() const { return !source_ || source_->ended(); }
  Source* source_ = nullptr;
};

/// Builds the value and refuses what nlohmann accepts: duplicate keys and deep nesting.
class Builder {
 public:
  /// `lists` and `take_item`: as of stream_json(); none: everything is built. All outlive it.
  Builder(Source& source, const std::set<std::string>& lists, const TakeJsonItem& take_item)
      : source_(source), lists_(lists), take_item_(take_item) {}

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(Json::number_integer_t value) { return put(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return put(value); }
  bool number_float(Json::number_float_t value, const std::string&) { return put(value); }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(Json::binary_t& value) { return put(std::move(value)); }
  bool start_object(size_t) { return open(Json::object()); }
  bool start_array(size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& key) {
    if (!open_.back().keys.insert(key).second) {
      source_.fail(source_.offset() - 1,
                   "the key '" + shortened(key) + "' is there twice in one object");
    }
    open_.back().key = std::move(key);
    return true;
  }
  bool parse_error(size_t characters_read, const std::string&,
                   const nlohmann::detail::exception& error) {
    std::string why = error.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error ..."
    why.erase(0, why.find("] ") + 2);
    if (why.starts_with("parse error")) why.erase(0, why.find(": ") + 2);
    const bool cut = why.find("unexpected end of input") != why.npos;
    source_.fail(cut ? source_.offset() : characters_read - 1, "not valid JSON: " + why);
  }

  Json take() { return std::move(root_); }

 private:
  struct Open {
    Json* value;
    std::string key;
    std::unordered_set<std::string> keys;

    /// Of the value that was put in last.
    const std::string& value_key() const {
      return std::prev(value->get_ref<Json::object_t&>().end())->first;
    }
  };

  static std::string shortened(const std::string& text) { return text.substr(0, kContextBytes); }

  Json* place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    auto& parent = open_.back();
    if (parent.value->is_array()) {
      auto& array = parent.value->get_ref<Json::array_t&>();
      return &array.emplace_back(std::move(value));
    }
    // The key is known to be new, so the map's own (linear) search is skipped.
    auto& object = parent.value->get_ref<Json::object_t&>();
    return &static_cast<Json::object_t::Container&>(object)
                .emplace_back(std::move(parent.key), std::move(value))
                .second;
  }

  bool put(Json value) {
    begin_item();
    place(std::move(value));
    end_item();
    return true;
  }

  bool open(Json value) {
    if (open_.size() == kDeepest) {
      source_.fail(source_.offset() - 1, "nested deeper than " + std::to_string(kDeepest));
    }
    begin_item();
    open_.push_back({place(std::move(value)), {}, {}});
    const bool outer = open_.size() == 1 || (open_.size() == 2 && open_[0].value->is_object());
    if (!in_list() && take_item_ && open_.back().value->is_array() && outer) {
      const std::string key = open_.size() == 1 ? "" : open_[0].value_key();
      if (lists_.contains(key)) {
        list_depth_ = open_.size();
        list_ = key;
        index_ = 0;
      }
    }
    return true;
  }

  bool close() {
    if (open_.size() == list_depth_) list_depth_ = 0;
    open_.pop_back();
    end_item();
    return true;
  }

  bool in_list() const { return list_depth_ > 0; }

  void begin_item() {
    if (in_list() && open_.size() == list_depth_) item_line_ = source_.line();
  }

  /// Hands on what stands directly in a list, and forgets it.
  void end_item() {
    if (!in_list() || open_.size() != list_depth_) return;
    auto& array = open_.back().value->get_ref<Json::array_t&>();
    take_item_(list_, index_++, item_line_, std::move(array.back()));
    array.pop_back();
  }

  Source& source_;
  const std::set<std::string>& lists_;
  const TakeJsonItem& take_item_;
  Json root_;
  std::vector<Open> open_;
  size_t list_depth_ = 0;  // how many are open in a list whose items are handed on; 0: in none
  std::string list_;
  size_t index_ = 0, item_line_ = 0;
};

/// Behind a byte order mark. Throws when there is nothing to parse.
void begin(Source& source, const std::filesystem::path& name) {
  const auto text = source.ahead();
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw UserError(kBadInput, name, ": the file is UTF-16; save it as UTF-8");
  }
  if (text.starts_with("\xEF\xBB\xBF")) source.skip(3);
  if (source.ahead().find_first_not_of(" \t\r\n") == text.npos) {
    throw UserError(kBadInput, name, ": the file is empty; expected JSON");
  }
}

}  // namespace

Json parse_json(std::string_view text, const std::filesystem::path& name, size_t first_line) {
  Source source(text, name, first_line);
  begin(source, name);
  const std::set<std::string> none;
  const TakeJsonItem take_none;
  Builder builder(source, none, take_none);
  Json::sax_parse(SourceIterator(&source), SourceIterator(), &builder);
  return builder.take();
}

Json read_json(const std::filesystem::path& path) {
  return parse_json(read_file(path), path);
}

Json stream_json(const std::filesystem::path& path, const std::set<std::string>& lists,
                 const TakeJsonItem& take_item) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw UserError(kBadInput, path, ": ", error ? error.message() : "is no regular file");
  Source source(path);
  begin(source, path);
  Builder builder(source, lists, take_item);
  Json::sax_parse(SourceIterator(&source), SourceIterator(), &builder);
  return builder.take();
}

}  // namespace preannotate
