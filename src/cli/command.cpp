#include "command.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "preannotate/core/json.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"

namespace preannotate::cli {
namespace {

/// Help, dispatch and the README's table follow this list and its order.
constexpr Command kCommands[] = {
    {"train", "Learn from a small labelled seed", declare_train},
    {"predict", "Draft labels for folders of images", declare_predict},
    {"evaluate", "Measure a run or drafts against labels", declare_evaluate},
    {"doctor", "Show what this build and machine can do", declare_doctor},
};

constexpr const char* kFooter =
    "\nExit codes: 0 done, 1 a check said no, 2 wrong usage, 3 some inputs left out,\n"
    "4 unusable data, 5 unusable model, 6 no device, 7 cannot write, 8 output exists,\n"
    "9 training diverged, 70 internal error.\n";

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const auto& command : kCommands) names.emplace_back(command.name);
  return names;
}

/// "unknown command 'trian'; did you mean 'train'?" before CLI11 says less.
void check_command(int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  const auto names = command_names();
  if (std::find(names.begin(), names.end(), argv[1]) != names.end()) return;
  const std::string nearest = nearest_name(argv[1], names);
  throw UserError(kUsageError, "unknown command '", argv[1], "'",
                  nearest.empty() ? "; known: " + join_names(names)
                                  : "; did you mean '" + nearest + "'?");
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// CLI11's message, with the nearest option for one that it does not know.
std::string explain(const CLI::ParseError& error, const CLI::App& app) {
  const auto* extras = dynamic_cast<const CLI::ExtrasError*>(&error);
  const auto* config = dynamic_cast<const CLI::ConfigError*>(&error);
  std::string text = error.what();
  if (!extras && !config) return text;
  auto known = option_names(app);
  for (const auto* sub : app.get_subcommands()) {
    const auto names = option_names(*sub);
    known.insert(known.end(), names.begin(), names.end());
  }
  const size_t last = text.find_last_of(" .");
  std::string word = text.substr(last == std::string::npos ? 0 : last + 1);
  if (extras) {
    const size_t colon = text.find(": ");
    word = text.substr(colon == std::string::npos ? 0 : colon + 2);
    word = word.substr(0, word.find(' '));
    text = (word.starts_with("-") ? "unknown option '" : "unexpected argument '") + word + "'";
    if (const size_t equals = word.find('='); !word.starts_with("-") && equals != std::string::npos) {
      return text + "; did you mean --" + word.substr(0, equals) + " " + word.substr(equals + 1) + "?";
    }
  } else {
    text = "unknown key '" + word + "' in the config file";
    word = "--" + word;
  }
  const std::string nearest = nearest_name(word.substr(0, word.find('=')), known);
  return nearest.empty() ? text : text + "; did you mean " + nearest + "?";
}

int report(int code, const std::string& message, bool json) {
  log_error(message);
  if (json) {
    std::cerr << json_text({{"type", "exit_error"}, {"code", code}, {"message", printable(message)}})
              << '\n';
  }
  return code;
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

int run(int argc, const char* const* argv) {
  CLI::App app{"Label images with a model, and let people check only what it is unsure of.",
               "preannotate"};
  app.set_version_flag("-V,--version", "preannotate " PREANNOTATE_VERSION);
  app.require_subcommand(1);
  app.footer(kFooter);
  app.set_config("--config", "", "Read options from a TOML file, [train] etc. as sections");
  app.allow_config_extras(CLI::config_extras_mode::error);
  SharedOptions shared;
  std::function<ExitCode()> action;
  for (const auto& command : kCommands) {
    auto* sub = app.add_subcommand(command.name, command.summary);
    sub->fallthrough();  // --config is the program's
    auto act = command.declare(*sub, shared);
    add_shared_options(*sub, shared);
    sub->footer("\nAlso --config FILE: options from a TOML file, section [" +
                std::string(command.name) + "].");
    sub->final_callback([&action, act = std::move(act)] { action = act; });
  }
  try {
    check_command(argc, argv);
    app.parse(argc, argv);
    set_up_log(shared.quiet     ? Verbosity::kQuiet
               : shared.verbose ? Verbosity::kVerbose
                                : Verbosity::kNormal,
               !shared.no_color);
    return action();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    if (argc < 2) {
      std::cerr << app.help();
      return kUsageError;
    }
    return report(kUsageError, explain(error, app) + " (see preannotate --help)", shared.json);
  } catch (const UserError& error) {
    return report(error.exit_code(), error.what(), shared.json);
  } catch (const std::bad_alloc&) {
    return report(kNoDevice, "out of memory; try --batch 1 --workers 1", shared.json);
  } catch (const std::exception& error) {
    return report(kBug, std::string("internal error, please report: ") + error.what(), shared.json);
  }
}

}  // namespace preannotate::cli
