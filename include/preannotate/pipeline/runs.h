#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/metrics/accuracy.h"

namespace preannotate {

struct RunsOptions {
  std::filesystem::path folder;  // that holds run folders
  std::string use;               // name of the run that `current` is to lead to; "": unchanged
};

/// One run of a chain, as its run.json says it.
struct RunLine {
  std::string name, model_version, task;
  std::string parent;  // model version it was made from; "" of one that train made
  int round = 0;       // updates since that one
  long images = 0;     // it learned from
  std::string figure;  // accuracy, map50 (boxes) or map (several classes); "" without validation
  Interval held_out;   // of it
  Json lineage;        // as in run.json; null of one that train made
  bool refused = false, current = false;
};

struct RunsResult {
  std::vector<RunLine> runs;  // each behind the one it was made from
  std::string current;        // name of the run that `current` leads to; "" for none
};

/// Lists the runs of a folder; --use first makes `current` lead to one of them, after a check of
/// its files. Throws UserError: kBadInput where there is no run, kUsageError for an unknown name,
/// kBadModel for a damaged run.
RunsResult list_runs(const RunsOptions& options);

}  // namespace preannotate
