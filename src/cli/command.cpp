#include "command.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "config_file.h"
#include "help_format.h"
#include "out_of_memory.h"
#include "preannotate/core/interrupt.h"
#include "preannotate/core/json.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "usage_errors.h"

namespace preannotate::cli {
namespace {

/// Help, dispatch and the README's table follow this list and its order.
constexpr Command kCommands[] = {
    {"train", "Learn from a small labelled seed", declare_train},
    {"predict", "Draft labels for folders of images", declare_predict},
    {"evaluate", "Measure a run or drafts against labels", declare_evaluate},
    {"rank", "Find the backbone that suits labelled images", declare_rank},
    {"issues", "Find labels that look wrong", declare_issues},
    {"select", "Choose the images that people look at", declare_select},
    {"review", "Let people correct drafts in a browser", declare_review},
    {"import", "Take answers back from another tool", declare_import},
    {"statistics", "Show what people made of the drafts", declare_statistics},
    {"certify", "Accept drafts within a stated error", declare_certify},
    {"audit", "Measure the error of finished labels", declare_audit},
    {"update", "Learn from people's answers, if that helps", declare_update},
    {"runs", "List runs and how they came about", declare_runs},
    {"simulate", "Replay the loop to see what it will save", declare_simulate},
    {"check", "Find what is wrong with labels", declare_check},
    {"convert", "Write labels in another format", declare_convert},
    {"doctor", "Show what this build and machine can do", declare_doctor},
};

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 a check said no, 2 wrong usage, 3 some inputs left out,\n"
    "4 unusable data, 5 unusable model, 6 no device, 7 cannot write, 8 output\n"
    "exists, 9 training diverged, 70 internal error, 130 and 143 interrupted.";

int report(int code, const std::string& message, bool json) {
  log_error(message);
  if (json) {
    std::cerr << json_text(
                     {{"type", "exit_error"}, {"code", code}, {"message", printable(message)}})
              << '\n';
  }
  return code;
}

/// Also when the command line cannot be parsed.
bool json_asked_for(int argc, const char* const* argv) {
  return std::any_of(argv, argv + argc, [](std::string_view word) { return word == "--json"; });
}

/// A full disk behind a redirected stdout must not look like success.
void check_stdout() {
  if (!std::cout.flush()) throw UserError(kCannotWrite, "stdout cannot be written");
}

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

int run(int argc, const char* const* argv) {
  CLI::App app{"Label images with a model, and let people check only what it is unsure of.",
               "preannotate"};
  app.formatter(std::make_shared<HelpFormat>());
  app.set_help_flag("-h,--help", "Show this help");
  app.set_version_flag("-V,--version", "preannotate " PREANNOTATE_VERSION, "Show the version");
  app.require_subcommand(1);
  app.footer(kFooter);
  app.set_config("--config", "", "Options from a TOML file, each command's in its [section]")
      ->type_name("FILE");
  app.config_formatter(std::make_shared<ConfigFile>(app));
  SharedOptions shared;
  shared.json = json_asked_for(argc, argv);
  std::function<ExitCode()> action;
  for (const auto& command : kCommands) {
    auto* sub = app.add_subcommand(command.name, command.summary);
    sub->group("Commands");
    sub->fallthrough();  // --config is the program's
    auto act = command.declare(*sub, shared);
    add_shared_options(*sub, shared);
    sub->footer("Also --config FILE: options from a TOML file, section [" +
                std::string(command.name) + "].");
    sub->final_callback([&action, act = std::move(act)] { action = act; });
  }
  try {
    app.parse(argc, argv);
    set_up_log(shared.quiet     ? Verbosity::kQuiet
               : shared.verbose ? Verbosity::kVerbose
                                : Verbosity::kNormal,
               !shared.no_color);
    catch_interrupts();
    const ExitCode code = action();
    check_stdout();
    return code;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    if (argc < 2) {
      std::cerr << app.help();
      return kUsageError;
    }
    return report(kUsageError, usage_sentence(error, app), shared.json);
  } catch (const Interrupted& interrupted) {
    return 128 + interrupted.signal();
  } catch (const UserError& error) {
    return report(error.exit_code(), error.what(), shared.json);
  } catch (const std::bad_alloc&) {
    return report(kNoDevice, "out of memory; try --batch 1 --workers 1", shared.json);
  } catch (const std::exception& error) {
    if (is_out_of_memory(error.what()))
      return report(kNoDevice,
                    std::string("out of memory; try --batch 1 --workers 1: ") + error.what(),
                    shared.json);
    return report(kBug, std::string("internal error, please report: ") + error.what(), shared.json);
  }
}

}  // namespace preannotate::cli
