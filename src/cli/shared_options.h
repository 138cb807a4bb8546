#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <optional>
#include <string>

#include "preannotate/image/decode.h"

namespace preannotate::cli {

/// What every command understands.
struct SharedOptions {
  bool json = false, quiet = false, verbose = false, no_color = false;
};

void add_shared_options(CLI::App& app, SharedOptions& options);

/// --device, --workers, --batch, the same words everywhere.
void add_compute_options(CLI::App& app, std::string& device, int& workers,
                         std::optional<int>& batch);
/// --mean and --std of a backbone that says nothing of its input.
void add_backbone_input(CLI::App& app, std::optional<std::array<float, 3>>& mean,
                        std::optional<std::array<float, 3>>& std);
/// --max-pixels and --max-file-size: what an image above them is, is seen before it is decoded.
void add_image_limits(CLI::App& app, DecodeOptions& decode);
void add_force(CLI::App& app, bool& force);
void add_allow_skipped(CLI::App& app, bool& allow_skipped);

/// A finite number with '.' in [low, high]: CLI11's own range check lets nan pass.
CLI::Validator number_between(double low, double high);

}  // namespace preannotate::cli
