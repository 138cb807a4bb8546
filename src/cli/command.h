#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <span>

#include "preannotate/core/error.h"
#include "shared_options.h"

namespace preannotate::cli {

/// One verb of the program.
struct Command {
  const char* name;
  const char* summary;  // one line of --help
  /// Adds the verb's options to `app`; what it returns runs once they are parsed.
  std::function<ExitCode()> (*declare)(CLI::App& app, const SharedOptions& shared);
};

std::span<const Command> commands();

/// The whole program: parses, runs, reports; returns the exit code. Throws nothing.
int run(int argc, const char* const* argv);

}  // namespace preannotate::cli
