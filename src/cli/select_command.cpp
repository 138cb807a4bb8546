#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "pipelines.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"
#include "preannotate/review/select.h"
#include "wrapped.h"

namespace preannotate::cli {
namespace {

/// Where the answers are given, and what takes them.
std::string next_step(const SelectOptions& options, const SelectResult& result) {
  const std::string drafts = printable(options.drafts.string());
  const std::string review = "preannotate review " + drafts + " --selection " +
                             printable(result.folder.filename().string());
  if (options.purpose == "review") {
    return review + "; selection.json names the planted ones and is not for reviewers";
  }
  return review + ", or label these images in another tool without a look at their " +
         (options.purpose == "certify" ? "drafts" : "labels") + "; then: preannotate " +
         options.purpose + " " + drafts;
}

/// Options that say nothing to the other purposes.
constexpr const char* kOfLabel[] = {
    "--blind",          "--classes",       "--model",      "--output",       "--backbone",
    "--trust-backbone", "--mean",          "--std",        "--device",       "--workers",
    "--batch",          "--allow-skipped", "--max-pixels", "--max-file-size"};
constexpr const char* kNotOfLabel[] = {"--labels", "--honeypots", "--gold", "--format", "--iou"};

void check_given(const CLI::App& app, const std::string& purpose) {
  if (purpose == "label") {
    for (const char* option : kNotOfLabel) {
      if (app.count(option) > 0)
        throw UserError(kUsageError, option, " means nothing to --for label");
    }
    return;
  }
  for (const char* option : kOfLabel) {
    if (app.count(option) > 0)
      throw UserError(kUsageError, option, " is for --for label, not for --for ", purpose);
  }
}

ExitCode run_select_label(const SelectLabelOptions& options, const SharedOptions& shared) {
  const SelectLabelResult result =
      load_pipelines("choosing what to label in " + options.images.string()).select_label(options);
  if (shared.json) {
    std::cout << json_text({{"selection", utf8_path(result.folder)},
                            {"purpose", "label"},
                            {"images", result.images},
                            {"blind", result.blind},
                            {"pool", result.pool},
                            {"files", result.files}},
                           1)
              << '\n';
    return result.exit_code;
  }
  const std::string folder = printable(result.folder.string());
  std::cout << "chosen   " << human_count(result.images) << " of " << human_count(result.pool)
            << " images without a label, for label\n";
  if (result.blind > 0) {
    std::cout << "blind    " << human_count(result.blind)
              << " of them, drawn uniformly; their drafts are not shown\n";
  }
  std::cout << "folder   " << folder << "  (" << join_names(result.files) << ")\nnext     "
            << wrapped(options.output.empty()
                           ? "preannotate review " + printable(options.images.string()) +
                                 " --selection " + printable(result.folder.filename().string())
                           : "label these images, then: preannotate train --data LABELLED")
            << '\n';
  return result.exit_code;
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
            << ")\nnext     " << wrapped(next_step(options, result)) << '\n';
  return kDone;
}

struct Options {
  SelectOptions select;
  SelectLabelOptions label;
};

/// With what all purposes have in common.
SelectLabelOptions label_options(const Options& options) {
  SelectLabelOptions label = options.label;
  label.images = options.select.drafts;
  label.budget = options.select.budget;
  label.name = options.select.name;
  label.seed = options.select.seed;
  label.formats = options.select.formats;
  label.force = options.select.force;
  return label;
}

void add_review_options(CLI::App& app, SelectOptions& s) {
  app.add_option("--labels", s.labels, "Finished labels to audit (default: the drafts)");
  app.add_option("--honeypots", s.honeypots, "Share of known-wrong drafts to plant for review")
      ->check(number_between(0, 0.5));
  app.add_option("--gold", s.gold, "With honeypots: right labels of some of the images");
  app.add_option("--format", s.format, "Format of labels and gold (default: their looks)");
  app.add_option("--iou", s.iou, "Boxes with gold: overlap that counts as right")
      ->check(number_between(0.05, 1))
      ->capture_default_str();
}

void add_label_options(CLI::App& app, SelectLabelOptions& l) {
  app.add_option("--blind", l.blind, "Label: share drawn uniformly, its drafts not shown")
      ->check(number_between(0, 1))
      ->capture_default_str();
  app.add_option("--model", l.model, "Label: run of the drafts (default: where predict had it)");
  app.add_option("-o,--output", l.output, "Label, of a folder of images: folder to write");
  app.add_option("--classes", l.classes, "Label, of images: names of the classes, for --formats")
      ->delimiter(',');
  app.add_option("--backbone", l.backbone, "Label, of images: TorchScript file");
  app.add_flag("--trust-backbone", l.trust_backbone, "Run a TorchScript file no manifest lists");
  add_backbone_input(app, l.mean, l.std);
  add_compute_options(app, l.device, l.workers, l.batch);
  add_image_limits(app, l.decode);
  add_allow_skipped(app, l.allow_skipped);
}

}  // namespace

std::function<ExitCode()> declare_select(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<Options>();
  SelectOptions& s = options->select;
  SelectLabelOptions& l = options->label;
  app.add_option("drafts", s.drafts, "Drafts that predict wrote; to label also a folder of images")
      ->required();
  app.add_option("--for", s.purpose, "Purpose: label, certify, audit (blind samples) or review")
      ->required();
  app.add_option("--budget", s.budget, "Images to choose")
      ->required()
      ->check(CLI::Range(1, 1 << 30));
  app.add_option("--name", s.name, "Of the selection (default: what it is for)");
  app.add_option("--formats", s.formats, "Also for the tool that people label with")
      ->delimiter(',');
  app.add_option("--seed", s.seed, "Of the random order (default: an unknown one)");
  add_force(app, s.force);
  add_review_options(app, s);
  add_label_options(app, l);
  return [options, &app, &shared] {
    check_given(app, options->select.purpose);
    return options->select.purpose == "label" ? run_select_label(label_options(*options), shared)
                                              : run_select(options->select, shared);
  };
}

}  // namespace preannotate::cli
