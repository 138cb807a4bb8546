#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "class_pairs.h"
#include "label_problems.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/data/convert.h"
#include "preannotate/data/format.h"

namespace preannotate::cli {
namespace {

struct Options {
  ConvertOptions convert;
  std::vector<std::string> renamed;  // old=new
  bool allow_skipped = false;
};

ExitCode run_convert(Options& options, const SharedOptions& shared) {
  options.convert.renamed = class_pairs(options.renamed);
  const ConvertResult result = convert(options.convert);
  if (shared.json) {
    std::cout << json_text({{"from_format", result.from_format},
                            {"to_format", options.convert.to_format},
                            {"output", utf8_path(options.convert.to)},
                            {"images", result.images},
                            {"labels", result.labels},
                            {"categories", result.categories},
                            {"losses", result.losses},
                            {"problems", problems_json(result.problems)}},
                           1)
              << '\n';
  } else {
    std::cout << printable(options.convert.to.string()) << ": " << human_count(result.images)
              << " images, " << human_count(result.labels) << " labels, "
              << human_count(result.categories) << " categories (" << result.from_format << " to "
              << options.convert.to_format << ")\n";
  }
  for (const auto& loss : result.losses) log_warning(options.convert.to_format + ": " + loss);
  const bool left_out = warn_of(result.problems);
  return left_out && !options.allow_skipped ? kSomeSkipped : kDone;
}

}  // namespace

std::function<ExitCode()> declare_convert(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<Options>();
  app.add_option("from", options->convert.from, "Labels in any format, or a drafts folder")
      ->required();
  app.add_option("to", options->convert.to, "New folder to write")->required();
  app.add_option("--to-format", options->convert.to_format, "One of " + format_list())->required();
  app.add_option("--format", options->convert.from_format,
                 "Format of the labels (default: their looks)");
  app.add_option("--map", options->renamed, "OLD=NEW: rename categories; equal names are joined");
  add_allow_skipped(app, options->allow_skipped);
  return [options, &shared] { return run_convert(*options, shared); };
}

}  // namespace preannotate::cli
