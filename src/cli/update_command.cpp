#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "pipelines.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "wrapped.h"

namespace preannotate::cli {
namespace {

std::string learned_words(const Json& learned) {
  std::string text = human_count(learned.at("images").get<std::size_t>()) + " images:";
  std::string comma = " ";
  for (const char* kind : {"seed", "blind", "edited", "accepted", "rejected"}) {
    const long count = learned.at("by_kind").at(kind).get<long>();
    if (count == 0) continue;
    text += comma + std::to_string(count) + " " + kind;
    comma = ", ";
  }
  return text;
}

void print(const UpdateResult& result) {
  const std::string run = printable(result.run.string());
  std::cout << "verdict  " << wrapped(result.outcome + ": " + result.reason) << '\n';
  if (result.outcome != "nothing new") {
    std::cout << "run      " << run << "  (model " << result.model_version << ", round "
              << result.lineage.at("round") << " from "
              << result.lineage.at("parent").get<std::string>() << ")\n"
              << "learned  " << wrapped(learned_words(result.lineage.at("learned"))) << '\n';
  }
  if (!result.current.empty()) {
    std::cout << "current  " << printable(result.current.string()) << " leads to it now\n";
  } else if (!result.current_reason.empty()) {
    std::cout << "current  " << wrapped("not set: " + printable(result.current_reason)) << '\n';
  }
  if (result.outcome == "promoted") {
    const auto model = result.current.empty() ? run : printable(result.current.string());
    std::cout << "next     "
              << wrapped("preannotate predict --model " + model +
                         " --source FOLDER --output DRAFTS --keep-answers")
              << '\n';
  }
}

ExitCode run_update(const UpdateOptions& options, const SharedOptions& shared) {
  const UpdateResult result =
      load_pipelines("reading the run " + options.model.string()).update(options);
  if (shared.json) {
    std::cout << json_text({{"outcome", result.outcome},
                            {"reason", result.reason},
                            {"run", utf8_path(result.run)},
                            {"model_version", result.model_version},
                            {"current", utf8_path(result.current)},
                            {"current_reason", result.current_reason},
                            {"lineage", result.lineage}},
                           1)
              << '\n';
  } else {
    print(result);
  }
  if (result.outcome == "refused") {
    log_error("refused, the old run stays: " + result.reason);
  }
  return result.exit_code;
}

}  // namespace

std::function<ExitCode()> declare_update(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<UpdateOptions>();
  UpdateOptions& u = *options;
  app.add_option("--model", u.model, "Run to go on from, or the link to it")->required();
  app.add_option("--reviewed", u.reviewed, "Drafts folders with people's answers")->required();
  app.add_option("--gold", u.gold, "Labels known to be right, which decide; never trained on");
  app.add_option("-o,--output", u.output, "Run folder to write")->required();
  app.add_option("--data", u.data, "Labelled seed (default: where the run had it)");
  app.add_option("--format", u.format, "Format of the seed (default: what it looks like)");
  app.add_option("--gold-format", u.gold_format, "Format of the gold set (default: its looks)");
  app.add_option("--current", u.current,
                 "Link to the run in use (default: current beside the run)");
  app.add_option("--max-class-drop", u.max_class_drop,
                 "Refuse when a class of the gold set falls by more")
      ->check(number_between(0, 1))
      ->capture_default_str();
  app.add_option("--max-forgetting", u.max_forgetting,
                 "Refuse when what was learned before falls by more")
      ->check(number_between(0, 1))
      ->capture_default_str();
  app.add_option("--max-wrong-answers", u.max_wrong_answers,
                 "Refuse when more of the answers look wrong (classify)")
      ->check(number_between(0, 1))
      ->capture_default_str();
  add_compute_options(app, u.device, u.workers, u.batch);
  app.add_flag("!--no-cache", u.cache, "Keep no features on disk");
  add_image_limits(app, u.decode);
  add_allow_skipped(app, u.allow_skipped);
  add_force(app, u.force);
  return [options, &shared] { return run_update(*options, shared); };
}

}  // namespace preannotate::cli
