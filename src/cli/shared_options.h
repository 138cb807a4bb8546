#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace preannotate::cli {

/// What every command understands.
struct SharedOptions {
  bool json = false, quiet = false, verbose = false, no_color = false;
};

void add_shared_options(CLI::App& app, SharedOptions& options);

/// --device, --workers, --batch, the same words everywhere.
void add_compute_options(CLI::App& app, std::string& device, int& workers,
                         std::optional<int>& batch);
void add_force(CLI::App& app, bool& force);
void add_allow_skipped(CLI::App& app, bool& allow_skipped);

/// A finite number with '.' in [low, high]: CLI11's own range check lets nan pass.
CLI::Validator number_between(double low, double high);

}  // namespace preannotate::cli
