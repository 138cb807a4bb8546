#include "usage_errors.h"

#include <algorithm>
#include <filesystem>

#include "preannotate/core/text.h"

namespace preannotate::cli {
namespace {

std::string unknown_option(const std::string& word, const std::vector<std::string>& known) {
  const std::string text = "unknown option '" + word + "'";
  std::error_code ignored;
  if (std::filesystem::exists(word, ignored)) return text + "; write ./" + word + " for the file";
  const std::string nearest = nearest_name(word.substr(0, word.find('=')), known);
  return nearest.empty() ? text : text + "; did you mean " + nearest + "?";
}

/// A word that belongs to no option: perhaps one that lost its dashes, as in `conf=0.3`.
std::string unexpected_word(const std::string& word, const std::vector<std::string>& known) {
  const size_t equals = word.find('=');
  std::string nearest = nearest_name("--" + word.substr(0, equals), known);
  if (!nearest.empty() && equals != word.npos) nearest += " " + word.substr(equals + 1);
  return "unexpected argument '" + word + "'" +
         (nearest.empty() ? "" : "; did you mean " + nearest + "?");
}

bool is_option_of(const std::string& word, const std::vector<const CLI::App*>& commands) {
  return word.starts_with("-") && std::any_of(commands.begin(), commands.end(), [&](const auto* c) {
           return c->get_option_no_throw(word.substr(0, word.find('='))) != nullptr;
         });
}

}  // namespace

std::vector<std::string> command_names(const CLI::App& program) {
  std::vector<std::string> names;
  for (const auto* command : program.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string suggestion(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(name, known);
  return nearest.empty() ? "; known: " + join_names(known) : "; did you mean '" + nearest + "'?";
}

std::string usage_sentence(const CLI::ParseError& error, const CLI::App& program) {
  const auto commands = program.get_subcommands();
  const std::vector<const CLI::App*> used(commands.begin(), commands.end());
  auto known = option_names(program);
  std::string text = error.what(), help = "preannotate --help";
  if (!commands.empty()) {
    const auto names = option_names(*commands.front());
    known.insert(known.end(), names.begin(), names.end());
    help = "preannotate " + commands.front()->get_name() + " --help";
  }
  if (const auto words = program.remaining(true); !words.empty()) {
    const std::string& word = words.front();
    if (is_option_of(word, commands.empty() ? program.get_subcommands({}) : used)) {
      text = "'" + word + "' stands before the command; the command comes first: " +
             join_names(command_names(program));
    } else if (word.starts_with("-")) {
      text = unknown_option(word, known);
    } else if (commands.empty()) {
      text = "unknown command '" + word + "'" + suggestion(word, command_names(program));
    } else {
      text = unexpected_word(word, known);
    }
  } else if (commands.empty() && dynamic_cast<const CLI::RequiredError*>(&error)) {
    text = "a command is missing: " + join_names(command_names(program));
  }
  return text + " (see " + help + ")";
}

}  // namespace preannotate::cli
