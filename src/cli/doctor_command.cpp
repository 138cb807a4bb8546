#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "pipelines.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"

namespace preannotate::cli {
namespace {

ExitCode run_doctor(const SharedOptions& shared) {
  const Diagnosis diagnosis = load_pipelines("looking at this build and machine").diagnose();
  if (shared.json) {
    Json document = Json::object();
    for (const auto& finding : diagnosis.findings) document[finding.what] = finding.found;
    document["healthy"] = diagnosis.healthy;
    std::cout << json_text(document, 1) << '\n';
  } else {
    for (const auto& finding : diagnosis.findings) {
      std::cout << std::left << std::setw(18) << finding.what << printable(finding.found) << '\n';
    }
  }
  return diagnosis.healthy ? kDone : kCheckFailed;
}

}  // namespace

std::function<ExitCode()> declare_doctor(CLI::App&, const SharedOptions& shared) {
  return [&shared] { return run_doctor(shared); };
}

}  // namespace preannotate::cli
