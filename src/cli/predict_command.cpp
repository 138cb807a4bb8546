#include <algorithm>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "all_commands.h"
#include "label_problems.h"
#include "pipelines.h"
#include "preannotate/core/text.h"

namespace preannotate::cli {
namespace {

struct Options {
  PredictOptions predict;
  std::vector<std::string> sources;
};

std::string counts(const Json& object) {
  std::string text;
  for (const auto& [name, count] : object.items()) {
    text +=
        (text.empty() ? "" : ", ") + std::to_string(count.get<size_t>()) + " " + printable(name);
  }
  return text;
}

/// "accept from score 0.81 to 0.97, by class": those of the classes that are accepted at all.
std::string span_of(const Json& by_class) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2);
  double least = 1, most = 0;
  size_t none = 0;
  for (const auto& [name, score] : by_class.items()) {
    none += score.is_null();
    if (score.is_null()) continue;
    least = std::min(least, score.get<double>());
    most = std::max(most, score.get<double>());
  }
  if (none == by_class.size()) return "accept none";
  text << "accept from score " << least;
  if (most > least) text << " to " << most << ", by class";
  if (none > 0) text << "; none of " << none << (none == 1 ? " class" : " classes");
  return text.str();
}

/// What accepts classes; of a detector also the score of each class from which boxes are shown.
std::string threshold(const Json& conf, const Json& by_class) {
  std::ostringstream text;
  if (!by_class.is_null()) text << " (" << span_of(by_class) << ')';
  if (conf.is_null()) return text.str();
  if (conf.is_number()) {
    text << " (accept from score " << conf.get<double>() << ')';
    return text.str();
  }
  text << "\nshown    " << std::fixed << std::setprecision(2);
  std::string comma = "from score ";
  for (const auto& [name, value] : conf.items()) {
    text << comma << value.get<double>() << ' ' << printable(name);
    comma = ", ";
  }
  return text.str();
}

/// "like the seed: AUC 0.52 (0.49-0.55), ..."; unlike: there was a warning of all of it.
std::string drift_words(const Json& drift) {
  const auto verdict = drift.at("verdict").get<std::string>();
  if (verdict == "no_reference") return "no verdict: the run keeps no images to compare with";
  if (verdict == "other_precision") {
    return "no verdict: int8 is not compared with another precision, use --precision auto";
  }
  std::ostringstream text;
  const auto images = drift.at("images").get<std::size_t>();
  if (verdict == "too_few_images") {
    text << "no verdict: " << images << " of the folder's and " << drift.at("reference_images")
         << " of the seed's images\n         can be compared, 20 of both are needed";
    return text.str();
  }
  const Json& auc = drift.at("auc");
  text << (verdict == "like" ? "like" : "UNLIKE") << " the seed: AUC " << std::fixed
       << std::setprecision(2) << auc.at("value").get<double>() << " ("
       << auc.at("low").get<double>() << '-' << auc.at("high").get<double>() << "), "
       << std::setprecision(0) << 100 * drift.at("strange_share").get<double>() << " % of "
       << human_count(images) << " images strange";
  return text.str();
}

/// "no dress or hat; nearly all are shirt"; "" for a mix that needs no word.
std::string mix_words(const Json& mix) {
  std::vector<std::string> missing;
  for (const auto& name : mix.at("missing")) missing.push_back(printable(name.get<std::string>()));
  std::string text = missing.empty() ? "" : "none of " + join_names(missing, 5);
  if (mix.at("dominant").is_string()) {
    text += (text.empty() ? "" : "; ") + std::string("nearly all are ") +
            printable(mix.at("dominant").get<std::string>());
  }
  return text;
}

void print(const Json& summary, const PredictOptions& options) {
  std::ostringstream speed;
  speed << std::fixed << std::setprecision(0)
        << summary.at("time").at("images_per_s").get<double>();
  std::cout << "drafts   " << printable(options.output.string()) << "  (model "
            << summary.at("model_version").get<std::string>() << ")\n"
            << "images   " << summary.at("found") << " found: " << summary.at("done") << " done, "
            << summary.at("empty") << " empty, " << summary.at("skipped") << " skipped, "
            << summary.at("failed") << " failed; " << speed.str() << " images/s\n"
            << "buckets  " << counts(summary.at("buckets"))
            << threshold(summary.at("conf"), summary.at("thresholds")) << '\n';
  if (summary.contains("answered")) {
    std::cout << "answers  kept as they are, of " << human_count(summary["answered"].get<size_t>())
              << " images\n";
  }
  const Json& drift = summary.at("drift");
  std::cout << "drift    " << drift_words(drift) << '\n';
  if (const auto mix = mix_words(drift.at("class_mix")); !mix.empty()) {
    std::cout << "classes  " << mix << '\n';
  }
  std::cout << "report   " << printable((options.output / "report.html").string()) << '\n';
  if (!summary.at("reasons").empty()) {
    std::cout << "left out " << counts(summary.at("reasons")) << '\n';
  }
}

ExitCode run_predict(Options& options, const SharedOptions& shared) {
  PredictOptions& p = options.predict;
  p.sources.assign(options.sources.begin(), options.sources.end());
  p.list = &std::cin;
  const PredictResult result = load_pipelines("loading the run " + p.model.string()).predict(p);
  if (shared.json) {
    std::cout << json_text(result.summary, 1) << '\n';
  } else if (p.dry_run) {
    std::cout << result.summary.at("found") << " images found, "
              << human_bytes(result.summary.at("bytes").get<double>()) << "; would write "
              << printable(p.output.string()) << '\n';
  } else {
    print(result.summary, p);
  }
  return result.exit_code;
}

}  // namespace

std::function<ExitCode()> declare_predict(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<Options>();
  PredictOptions& p = options->predict;
  app.add_option("--model", p.model, "Run folder that train wrote")->required();
  app.add_option("--source", options->sources, "Folders, image files, or - for a list on stdin")
      ->required();
  app.add_option("-o,--output", p.output, "Drafts folder to write")->required();
  app.add_option("--formats", p.formats, "Any of " + format_list())
      ->delimiter(',')
      ->capture_default_str();
  auto* conf = app.add_option("--conf", p.conf,
                              "Accept classes, or show boxes, from this score on (the run's)")
                   ->check(number_between(0, 1));
  app.add_option("--thresholds", p.thresholds,
                 "JSON of a score, or null for none, by class: accept from it on (the run's)")
      ->excludes(conf);
  app.add_option("--iou", p.iou, "Drop the worse of two boxes that overlap by more (soft-NMS)")
      ->check(number_between(0, 1));
  app.add_option("--max-det", p.max_det, "Boxes of an image at most (the run's)")
      ->check(CLI::Range(1, 10000));
  app.add_flag_function(
      "--agnostic-nms,!--no-agnostic-nms", [&p](std::int64_t given) { p.agnostic_nms = given > 0; },
      "Show one box at a place, whatever its class (the run's)");
  app.add_flag("--tta", p.tta, "Average over mirrored views: slower; boxes measured worse with it");
  add_compute_options(app, p.device, p.workers, p.batch);
  app.add_option("--precision", p.precision,
                 "Compute in fp32, bf16, int8 or auto: the fastest that keeps the results of fp32")
      ->capture_default_str();
  app.add_flag("--resume", p.resume, "Go on from what an interrupted run has recorded");
  app.add_flag("--keep-answers", p.keep_answers,
               "Draft anew in a folder of answers, which stay; only the rest changes");
  app.add_flag("--dry-run", p.dry_run, "Count images, check everything, write nothing");
  add_image_limits(app, p.decode);
  add_allow_skipped(app, p.allow_skipped);
  add_force(app, p.force);
  return [options, &shared] { return run_predict(*options, shared); };
}

}  // namespace preannotate::cli
