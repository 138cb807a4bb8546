#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "pipelines.h"
#include "preannotate/core/text.h"
#include "wrapped.h"

namespace preannotate::cli {
namespace {

std::string formatted(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// Of a figure that each run has: its mean, and the least and the most when they differ.
std::string range(const Json& figure, const char* format, double unit = 1) {
  const auto number = [&](const char* key) {
    return formatted(format, unit * figure.at(key).get<double>());
  };
  const std::string low = number("low"), high = number("high");
  return number("value") + (low == high ? "" : " (" + low + "-" + high + ")");
}

std::string column(const std::string& text, size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

void print_row(const std::string& name, const std::string& seconds, const std::string& answers,
               const std::string& wrong) {
  std::cout << column(name, 27) << column(seconds, 20) << column(answers, 20) << wrong << '\n';
}

void print_class_loop(const Json& json) {
  const Json& loop = json.at("loop");
  print_row("", "seconds an image", "answers an image", "wrong, %");
  print_row("without drafts",
            formatted("%.2f", json.at("manual").at("seconds_per_image").get<double>()), "1.00", "");
  print_row("drafts, each verified", range(json.at("drafts_only").at("seconds_per_image"), "%.2f"),
            "1.00", "");
  print_row("the loop", range(loop.at("seconds_per_image"), "%.2f"),
            range(loop.at("answers_per_image"), "%.2f"),
            range(loop.at("residual_error"), "%.2f", 100));
}

void print_curve(const Json& json) {
  std::cout << "\n    labelled   drafts wrong, %   seconds an image so far\n";
  for (const auto& point : json.at("curve")) {
    std::cout << formatted("%12.0f", point.at("labelled").get<double>())
              << formatted("%18.1f", 100 * point.at("draft_error").get<double>())
              << formatted("%26.2f", point.at("seconds_per_image").get<double>()) << '\n';
  }
}

/// "5 of 5 loops at most 1 % wrong with 95 % confidence, 0 of them wrongly"
std::string promise_words(const Json& json) {
  const Json& loop = json.at("loop");
  return std::to_string(loop.at("certified").get<long>()) + " of " +
         std::to_string(json.at("repeats").get<long>()) + " loops: at most " +
         formatted("%g", 100 * json.at("max_error").get<double>()) + " % wrong with " +
         formatted("%g", 100 * json.at("confidence").get<double>()) + " % confidence; " +
         std::to_string(loop.at("broken").get<long>()) + " of them more";
}

void print_boxes(const Json& json) {
  const Json& loop = json.at("loop");
  std::cout << "    labelled   drafted   AP50   seconds an image   saved, %\n";
  for (const auto& point : json.at("curve")) {
    std::cout << formatted("%12.0f", point.at("labelled").get<double>())
              << formatted("%10.0f", point.at("images").get<double>())
              << formatted("%7.3f", point.at("map50").get<double>())
              << formatted("%19.1f", point.at("seconds_per_image").get<double>())
              << formatted("%11.1f", 100 * point.at("saved_share").get<double>()) << '\n';
  }
  std::cout << "\nsaved     " << range(loop.at("saved_share"), "%.1f", 100)
            << " % of a person's time over the whole loop\n"
            << "seconds   " << range(loop.at("seconds_per_image"), "%.1f") << " an image, by hand "
            << range(loop.at("manual_seconds_per_image"), "%.1f") << '\n';
}

void print_end(const Json& json, const SimulateOptions& options) {
  std::cout << "images    " << json.at("data").at("images").get<long>() << ", replayed "
            << json.at("repeats").get<long>() << (json.at("repeats") == 1 ? " time\n" : " times\n");
  if (!options.output.empty()) {
    std::cout << "report    " << printable(options.output.string()) << "/report.html\n";
  }
}

void print_classes(const Json& json) {
  const Json& loop = json.at("loop");
  const auto share = [&](const char* key) {
    return formatted("%.1f", 100 * loop.at(key).at("value").get<double>());
  };
  print_class_loop(json);
  print_curve(json);
  std::cout << "\ncertified " << promise_words(json) << '\n'
            << "looked at " << share("in_pages_share") << " % accepted by the page, "
            << share("unseen_share") << " % accepted unseen\n"
            << "reviewer  " << json.at("reviewer").get<std::string>() << ", "
            << formatted("%.0f", loop.at("planted").get<double>()) << " wrong drafts planted, "
            << formatted("%.1f", loop.at("planted_passed").get<double>()) << " passed\n";
}

ExitCode run_simulate(const SimulateOptions& options, const SharedOptions& shared) {
  const SimulateResult result =
      load_pipelines("reading the labels " + options.data.string()).simulate(options);
  if (shared.json) {
    std::cout << json_text(result.simulation, 1) << '\n';
  } else {
    const bool boxes = result.simulation.at("task") == "detect";
    (boxes ? print_boxes : print_classes)(result.simulation);
    print_end(result.simulation, options);
  }
  return result.exit_code;
}

void add_loop_options(CLI::App& app, SimulateOptions& s) {
  app.add_option("--reviewer", s.reviewer, "Person: oracle, noisy, biased or biased:SHARE")
      ->capture_default_str();
  app.add_flag("--trust-reviewers", s.trust_reviewers, "Plant no wrong drafts to test them");
  app.add_option("--cost", s.cost, "FILE or FILE:COLUMN, seconds of a person's actions");
  app.add_option("--max-error", s.max_error, "Share of wrong labels that may be left")
      ->check(number_between(0, 1))
      ->capture_default_str();
  app.add_option("--confidence", s.confidence, "That no more are")
      ->check(number_between(0.5, 0.9999))
      ->capture_default_str();
  app.add_option("--first", s.first, "Images labelled before a model (default: 40, boxes 10)")
      ->check(CLI::Range(1, 1 << 30));
  app.add_option("--budget", s.budget, "Images that people see (default: all that it takes)")
      ->check(CLI::Range(1, 1 << 30));
  app.add_option("--rounds", s.rounds, "Models trained (default: while one pays, boxes 3)")
      ->check(CLI::Range(1, 1000));
  app.add_option("--repeats", s.repeats, "Loops replayed (default: 5, boxes 1)")
      ->check(CLI::Range(1, 10000));
}

}  // namespace

std::function<ExitCode()> declare_simulate(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<SimulateOptions>();
  SimulateOptions& s = *options;
  app.add_option("--data", s.data, "Labelled images, in any format (README)")->required();
  app.add_option("--pool", s.pool, "More of them; both together are replayed");
  add_loop_options(app, s);
  app.add_option("-o,--output", s.output, "Folder for simulation.json and report.html");
  app.add_option("--task", s.task, "Task: classify or detect (default: by the labels)");
  app.add_option("--format", s.format, "Format of the data (default: what it looks like)");
  app.add_option("--backbone", s.backbone, "TorchScript file (default: as train)");
  app.add_flag("--trust-backbone", s.trust_backbone, "Run a TorchScript file no manifest lists");
  app.add_option("--steps", s.steps, "Detector: training steps (default: by the images)")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--seed", s.seed, "Start of every random choice")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_compute_options(app, s.device, s.workers, s.batch);
  app.add_flag("!--no-cache", s.cache, "Keep no features on disk");
  add_image_limits(app, s.decode);
  add_allow_skipped(app, s.allow_skipped);
  add_force(app, s.force);
  return [options, &shared] { return run_simulate(*options, shared); };
}

}  // namespace preannotate::cli
