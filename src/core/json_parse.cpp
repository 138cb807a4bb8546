#include <algorithm>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
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

/// Reads characters and says where it is, which the SAX interface does not.
class CountingIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator() = default;
  CountingIterator(const char* at, const char** position) : at_(at), position_(position) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *position_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    const auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }

 private:
  const char* at_ = nullptr;
  const char** position_ = nullptr;
};

/// "path:3:14: why, at 'next 40 bytes'". Columns count bytes from 1.
[[noreturn]] void fail_at(std::string_view text, size_t offset, const std::filesystem::path& name,
                          size_t first_line, const std::string& why) {
  offset = std::min(offset, text.size());
  const auto before = text.substr(0, offset);
  const auto line =
      static_cast<size_t>(std::count(before.begin(), before.end(), '\n')) + first_line;
  const size_t line_start = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
  const auto from = std::max(line_start, offset - std::min(offset, kContextBytes / 2));
  auto context = text.substr(from, kContextBytes);
  context = context.substr(0, context.find('\n'));
  throw UserError(kBadInput, name, ":", line, ":", offset - line_start + 1, ": ", why,
                  context.empty() ? "" : ", near '" + std::string(context) + "'");
}

/// Builds the value and refuses what nlohmann accepts: duplicate keys and deep nesting.
class Builder {
 public:
  Builder(std::string_view text, const std::filesystem::path& name, size_t first_line,
          const char** position)
      : text_(text), name_(name), first_line_(first_line), position_(position) {}

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
      fail_at(text_, offset() - 1, name_, first_line_,
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
    fail_at(text_, cut ? text_.size() : characters_read - 1, name_, first_line_,
            "not valid JSON: " + why);
  }

  Json take() { return std::move(root_); }

 private:
  struct Open {
    Json* value;
    std::string key;
    std::unordered_set<std::string> keys;
  };

  static std::string shortened(const std::string& text) { return text.substr(0, kContextBytes); }
  size_t offset() const { return static_cast<size_t>(*position_ - text_.data()); }

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
    place(std::move(value));
    return true;
  }

  bool open(Json value) {
    if (open_.size() == kDeepest) {
      fail_at(text_, offset() - 1, name_, first_line_,
              "nested deeper than " + std::to_string(kDeepest));
    }
    open_.push_back({place(std::move(value)), {}, {}});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  const std::filesystem::path& name_;
  size_t first_line_;
  const char** position_;
  Json root_;
  std::vector<Open> open_;
};

}  // namespace

Json parse_json(std::string_view text, const std::filesystem::path& name, size_t first_line) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw UserError(kBadInput, name, ": the file is UTF-16; save it as UTF-8");
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.find_first_not_of(" \t\r\n") == text.npos) {
    throw UserError(kBadInput, name, ": the file is empty; expected JSON");
  }
  const char* position = text.data();
  Builder builder(text, name, first_line, &position);
  const char* end = text.data() + text.size();
  Json::sax_parse(CountingIterator(text.data(), &position), CountingIterator(end, &position),
                  &builder);
  return builder.take();
}

Json read_json(const std::filesystem::path& path) {
  return parse_json(read_file(path), path);
}

}  // namespace preannotate
