#include "lint.h"
#include "preannotate/core/files.h"

namespace preannotate {
namespace {

/// Walks over JSON text without building it; what stands in the outermost object's lists, or in the
/// outermost list, are items.
class Walk {
 public:
  explicit Walk(const std::string& text) : text_(text) {}

  std::map<std::string, size_t> run() {
    for (; at_ < text_.size(); ++at_) step(text_[at_]);
    return std::move(lines_);
  }

 private:
  void step(char c) {
    if (c == '\n') ++line_;
    if (c == '"') return string();
    if (c == ',' && depth_ == list_depth_) ++index_, waiting_ = true;
    if (is_blank(c) || c == ',' || c == ':') return;
    if (waiting_ && depth_ == list_depth_ && c != ']') item();
    if (c == '{' || c == '[') open(c);
    if (c == '}' || c == ']') close();
  }

  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

  void item() {
    lines_.emplace(key_ + "[" + std::to_string(index_) + "]", line_);
    waiting_ = false;
  }

  void open(char c) {
    ++depth_;
    const bool list = c == '[' && list_depth_ < 0 && depth_ <= 2;
    if (!list) return;
    if (depth_ == 1) key_.clear();
    list_depth_ = depth_;
    index_ = 0;
    waiting_ = true;
  }

  void close() {
    if (depth_ == list_depth_) list_depth_ = -1;
    --depth_;
  }

  void string() {
    if (waiting_ && depth_ == list_depth_) item();
    const size_t start = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (depth_ == 1 && list_depth_ < 0) key_ = text_.substr(start, at_ - start);
  }

  const std::string& text_;
  size_t at_ = 0, line_ = 1, index_ = 0;
  int depth_ = 0, list_depth_ = -1;  // -1: not in a list of items
  bool waiting_ = false;             // for the first character of an item
  std::string key_;
  std::map<std::string, size_t> lines_;
};

}  // namespace

std::map<std::string, size_t> lines_of_items(const std::filesystem::path& file) {
  const auto text = read_file(file);
  return Walk(text).run();
}

}  // namespace preannotate
