#include "help_format.h"

#include <sstream>

namespace preannotate::cli {
namespace {

constexpr size_t kTextColumn = 28, kTextWidth = 79 - kTextColumn;

std::string wrapped(const std::string& text) {
  std::istringstream words(text);
  std::string out;
  size_t column = 0;
  for (std::string word; words >> word;) {
    const bool fits = column + 1 + word.size() <= kTextWidth;
    if (column > 0) out += fits ? ' ' : '\n';
    column = column > 0 && fits ? column + 1 + word.size() : word.size();
    out += word;
  }
  return out;
}

/// "INT:INT in [0 - 100]" -> "N".
std::string value_name(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::string name = type.substr(0, type.find(':'));
  if (name == "INT" || name == "UINT") return "N";
  if (name == "FLOAT") return option.get_expected_min() == 3 ? "X,X,X" : "X";
  return name;
}

}  // namespace

HelpFormat::HelpFormat() {
  column_width(kTextColumn);
}

std::string HelpFormat::make_help(const CLI::App* app, std::string name,
                                  CLI::AppFormatMode mode) const {
  const std::string help = Formatter::make_help(app, std::move(name), mode);
  std::string out;
  for (const char c : help) {
    if (c != '\n' || !out.ends_with("\n\n")) out += c;
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

std::string HelpFormat::make_usage(const CLI::App* app, std::string name) const {
  const bool program = app->get_parent() == nullptr;
  return "\nUsage: " + name + (program ? " COMMAND [OPTIONS]\n" : " [OPTIONS]\n");
}

std::string HelpFormat::make_option_name(const CLI::Option* option, bool is_positional) const {
  const std::string name = Formatter::make_option_name(option, is_positional);
  return name.substr(0, name.find('{'));
}

std::string HelpFormat::make_option_opts(const CLI::Option* option) const {
  if (option->get_expected_min() == 0) return "";
  const bool many = option->get_expected_max() == CLI::detail::expected_max_vector_size;
  return " " + value_name(*option) + (many ? "..." : "");
}

std::string HelpFormat::make_option_desc(const CLI::Option* option) const {
  std::string text = option->get_description(), value = option->get_default_str();
  if (value.starts_with('[')) value = value.substr(1, value.size() - 2);
  if (!value.empty()) text += " (default: " + value + ")";
  if (option->get_required()) text += " (required)";
  return wrapped(text);
}

}  // namespace preannotate::cli
