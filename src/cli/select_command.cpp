#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"
#include "preannotate/review/select.h"
#include "wrapped.h"

namespace preannotate::cli {
namespace {

const char* next_step(const std::string& purpose) {
  return purpose == "certify" ? "label these images without a look at their drafts, then: "
                                "preannotate certify"
         : purpose == "audit"
             ? "label these images without a look at their labels, then: "
               "preannotate audit"
             : "correct these drafts; selection.json names the planted ones and is "
               "not for reviewers";
}

ExitCode run_select(const SelectOptions& options, const SharedOptions& shared) {
  const SelectResult result = select_images(options);
  if (shared.json) {
    std::cout << json_text({{"selection", utf8_path(result.folder)},
                            {"purpose", options.purpose},
                            {"images", result.images},
                            {"pool", result.pool},
                            {"planted_wrong", result.planted_wrong},
                            {"planted_right", result.planted_right},
                            {"files", result.files}},
                           1)
              << '\n';
    return kDone;
  }
  std::cout << "chosen   " << human_count(result.images) << " of " << human_count(result.pool)
            << " images, for " << options.purpose << '\n';
  if (result.planted_wrong + result.planted_right > 0) {
    std::cout << "planted  " << result.planted_wrong << " wrong and " << result.planted_right
              << " right drafts among them\n";
  }
  std::cout << "folder   " << printable(result.folder.string()) << "  (" << join_names(result.files)
            << ")\nnext     " << wrapped(next_step(options.purpose)) << '\n';
  return kDone;
}

}  // namespace

std::function<ExitCode()> declare_select(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<SelectOptions>();
  app.add_option("drafts", options->drafts, "Drafts folder that predict wrote")->required();
  app.add_option("--for", options->purpose, "Purpose: certify, audit (blind samples) or review")
      ->required();
  app.add_option("--budget", options->budget, "Images to choose")
      ->required()
      ->check(CLI::Range(1, 1 << 30));
  app.add_option("--name", options->name, "Of the selection (default: what it is for)");
  app.add_option("--labels", options->labels, "Finished labels to audit (default: the drafts)");
  app.add_option("--honeypots", options->honeypots,
                 "Share of known-wrong drafts to plant for review")
      ->check(number_between(0, 0.5));
  app.add_option("--gold", options->gold, "With honeypots: right labels of some of the images");
  app.add_option("--format", options->format, "Format of labels and gold (default: their looks)");
  app.add_option("--formats", options->formats, "Also for the tool that people label with")
      ->delimiter(',');
  app.add_option("--iou", options->iou, "Boxes with gold: overlap that counts as right")
      ->check(number_between(0.05, 1))
      ->capture_default_str();
  app.add_option("--seed", options->seed, "Of the random order (default: an unknown one)");
  add_force(app, options->force);
  return [options, &shared] { return run_select(*options, shared); };
}

}  // namespace preannotate::cli
