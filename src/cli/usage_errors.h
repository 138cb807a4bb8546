#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace preannotate::cli {

std::vector<std::string> command_names(const CLI::App& program);

/// "--data", ...: long names only.
std::vector<std::string> option_names(const CLI::App& app);

/// "; did you mean 'train'?", or the known names when none is near.
std::string suggestion(const std::string& name, const std::vector<std::string>& known);

/// What is wrong with the command line, with the nearest command or option for an unknown one:
/// CLI11 names what is missing before what is misspelt.
std::string usage_sentence(const CLI::ParseError& error, const CLI::App& program);

}  // namespace preannotate::cli
