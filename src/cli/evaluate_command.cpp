#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "gate_report.h"
#include "pipelines.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"

namespace preannotate::cli {
namespace {

std::string share(const Json& figure) {
  if (figure.is_null()) return "     -";
  char text[16];
  std::snprintf(text, sizeof text, "%6.3f", figure.get<double>());
  return text;
}

/// At most `width` columns of a name, cut between characters.
std::string column(const std::string& name, size_t width) {
  std::string text = printable(name);
  if (text.size() <= width) return text;
  size_t end = width - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

void print_boxes(const Json& validation) {
  std::cout << std::left << std::setw(35) << "class"
            << "objects   AP50     AP   conf precis. recall\n";
  for (const auto& entry : validation.at("per_class")) {
    std::cout << std::left << std::setw(35) << column(entry.at("name").get<std::string>(), 34)
              << std::right << std::setw(7) << entry.at("objects").get<long>() << "  "
              << share(entry.at("map50")) << ' ' << share(entry.at("map")) << ' '
              << share(entry.at("conf")) << "  " << share(entry.at("precision")) << ' '
              << share(entry.at("recall")) << '\n';
  }
}

void print(const Json& metrics) {
  if (metrics.at("task") == "detect") return print_boxes(metrics.at("validation"));
  const Json& validation = metrics.at("validation");
  const bool multilabel = metrics.at("task") == "multilabel";
  std::cout << std::left << std::setw(45) << "class"
            << "images precis. recall     F1" << (multilabel ? "     AP" : "") << '\n';
  for (const auto& entry : validation.at("per_class")) {
    std::cout << std::left << std::setw(45) << column(entry.at("name").get<std::string>(), 44)
              << std::right << std::setw(6) << entry.at("support").get<long>() << "  "
              << share(entry.at("precision")) << ' ' << share(entry.at("recall")) << ' '
              << share(entry.at("f1"));
    if (multilabel) std::cout << ' ' << share(entry.at("average_precision"));
    std::cout << '\n';
  }
}

Gate gate_of(const EvaluateResult& result) {
  Gate gate{"evaluate", {}};
  for (const auto& figure : result.gates) {
    gate.cases.push_back({figure.name, {}});
    if (!figure.below.empty()) gate.cases.back().failures.push_back({figure.below});
  }
  return gate;
}

ExitCode run_evaluate(const EvaluateOptions& options, const std::vector<std::string>& reports,
                      const SharedOptions& shared) {
  check_reports(reports);
  const EvaluateResult result =
      load_pipelines("reading the labels " + options.data.string()).evaluate(options);
  if (shared.json) {
    Json document = result.metrics;
    document["below"] = result.below;
    std::cout << json_text(document, 1) << '\n';
  } else {
    print(result.metrics);
    std::cout << result.headline << '\n';
  }
  write_reports(reports, gate_of(result), shared.json);
  for (const auto& line : result.below) log_error(line);
  return result.exit_code;
}

}  // namespace

std::function<ExitCode()> declare_evaluate(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<EvaluateOptions>();
  auto* model = app.add_option("--model", options->model, "Run folder that train wrote");
  app.add_option("--drafts", options->drafts, "Drafts folder that predict wrote")->excludes(model);
  app.add_option("--data", options->data, "Labelled images, in any format")->required();
  app.add_option("--format", options->format, "Format of the data (default: its looks)");
  auto* gates =
      app.add_option("--fail-under", options->fail_under, "Exit 1 below, e.g. accuracy=0.9,map=0.8")
          ->delimiter(',');
  const auto reports = std::make_shared<std::vector<std::string>>();
  add_report(app, *reports)->needs(gates);
  app.add_option("--cost", options->cost, "FILE[:COLUMN] of a person's seconds for boxes");
  app.add_option("-o,--output", options->output, "Folder for metrics.json and report.html");
  add_compute_options(app, options->device, options->workers, options->batch);
  add_image_limits(app, options->decode);
  add_allow_skipped(app, options->allow_skipped);
  add_force(app, options->force);
  return [options, reports, &shared] { return run_evaluate(*options, *reports, shared); };
}

}  // namespace preannotate::cli
