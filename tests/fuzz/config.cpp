// The text of --config: options of predict, a sentence on wrong usage, or a UserError.

#include "cli/config_file.h"

#include "cli/all_commands.h"
#include "cli/usage_errors.h"
#include "fuzz.h"

namespace preannotate::fuzz {
namespace {

/// The program's own commands; CLI11 forgets what it parsed when it parses again.
class Program {
 public:
  Program() {
    app_.require_subcommand(1);
    app_.set_config("--config");
    app_.config_formatter(std::make_shared<cli::ConfigFile>(app_));
    for (const auto& command : cli::commands()) {
      auto* sub = app_.add_subcommand(command.name, command.summary);
      sub->fallthrough();
      actions_.push_back(command.declare(*sub, shared_));
      cli::add_shared_options(*sub, shared_);
    }
  }

  void parse(const std::string& config) {
    try {
      app_.parse(std::vector<std::string>{config, "--config", "predict"});  // from the back
    } catch (const CLI::ParseError& error) {
      require(!cli::usage_sentence(error, app_).empty(), "wrong usage gets a sentence");
    }
  }

 private:
  CLI::App app_;
  cli::SharedOptions shared_;
  std::vector<std::function<ExitCode()>> actions_;  // own what the options are bound to
};

void test(std::string_view text) {
  static const auto file = fresh_folder("in") / "options.toml";
  static Program program;
  put_file(file, text);
  accepts([&] { program.parse(file.string()); });
}

}  // namespace
}  // namespace preannotate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  preannotate::fuzz::test(preannotate::fuzz::text_of(data, size));
  return 0;
}
