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

constexpr size_t kNameColumns = 24;

/// At most `width` columns of a name, cut between characters, padded with blanks.
std::string column(const std::string& name, size_t width) {
  std::string text = printable(name);
  size_t columns = 0, end = 0;
  const auto is_first = [&](size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    columns += is_first(i);
    if (columns <= width) end = i + 1;
  }
  text.resize(end);
  return text + std::string(width - std::min(width, columns), ' ');
}

std::string state_of(const RunLine& run) {
  const std::string state = run.lineage.is_null() ? "trained"
                            : run.refused         ? "refused"
                                                  : "promoted";
  return run.current ? state + ", current" : state;
}

void print_line(const RunLine& run) {
  char held_out[40] = "-";
  if (!run.figure.empty()) {
    std::snprintf(held_out, sizeof held_out, "%.3f (%.3f-%.3f)", run.held_out.value,
                  run.held_out.low, run.held_out.high);
  }
  char rest[80];
  std::snprintf(rest, sizeof rest, "%5d %7ld  %-20s  ", run.round, run.images, held_out);
  std::cout << column(run.name, kNameColumns) << rest << state_of(run) << '\n';
  if (run.lineage.is_null()) return;
  std::cout << "         " << wrapped(printable(run.lineage.at("reason").get<std::string>()))
            << '\n';
}

void print(const RunsResult& result) {
  const std::string& figure = result.runs.back().figure;
  char head[100];
  std::snprintf(head, sizeof head, "%-24sround  images  %-20s  state\n", "run",
                figure.empty() ? "not held out" : ("held-out " + figure).c_str());
  std::cout << head;
  for (const auto& run : result.runs) print_line(run);
}

Json json_of(const RunLine& run) {
  Json json{{"name", run.name},       {"model_version", run.model_version},
            {"task", run.task},       {"parent", run.parent},
            {"round", run.round},     {"images", run.images},
            {"figure", run.figure},   {"held_out", nullptr},
            {"refused", run.refused}, {"current", run.current},
            {"lineage", run.lineage}};
  if (!run.figure.empty()) {
    json["held_out"] = {
        {"value", run.held_out.value}, {"low", run.held_out.low}, {"high", run.held_out.high}};
  }
  return json;
}

ExitCode run_runs(const RunsOptions& options, const SharedOptions& shared) {
  const RunsResult result =
      load_pipelines("reading the runs in " + options.folder.string()).list_runs(options);
  if (!shared.json) {
    print(result);
    return kDone;
  }
  Json document{{"current", result.current}, {"runs", Json::array()}};
  for (const auto& run : result.runs) document["runs"].push_back(json_of(run));
  std::cout << json_text(document, 1) << '\n';
  return kDone;
}

}  // namespace

std::function<ExitCode()> declare_runs(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<RunsOptions>();
  app.add_option("folder", options->folder, "Folder that run folders lie in")->required();
  app.add_option("--use", options->use, "Make the link current lead to the run of this name");
  return [options, &shared] { return run_runs(*options, shared); };
}

}  // namespace preannotate::cli
