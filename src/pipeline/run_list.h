#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/core/json.h"

#include <nlohmann/json.hpp>

namespace preannotate {

/// What run.json says of a run, unverified.
struct RunEntry {
  std::filesystem::path folder;
  std::string model_version;
  Json manifest, lineage;  // lineage: null of a run that train made
};

/// The runs in a folder, sorted by name; links among them and what is no run are left out.
std::vector<RunEntry> runs_in(const std::filesystem::path& folder);

}  // namespace preannotate
