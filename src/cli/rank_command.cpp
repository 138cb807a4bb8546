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

constexpr size_t kNameWidth = 18;

std::string formatted(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// `text` at the right end of `width` columns.
std::string right_aligned(const std::string& text, size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

/// The end of a long name tells it from others: "...kbones/lite0.pt".
std::string name_column(const std::string& name) {
  if (name.size() <= kNameWidth) return name + std::string(kNameWidth - name.size(), ' ');
  size_t begin = name.size() - kNameWidth + 3;
  while (begin < name.size() && (static_cast<unsigned char>(name[begin]) & 0xC0) == 0x80) ++begin;
  return "..." + name.substr(begin) + std::string(kNameWidth - 3 - (name.size() - begin), ' ');
}

std::string share_column(const Json& share) {
  const auto percent = [&](const char* key) { return 100 * share.at(key).get<double>(); };
  char text[48];
  std::snprintf(text, sizeof text, "%.1f (%.1f-%.1f)", percent("value"), percent("low"),
                percent("high"));
  return right_aligned(text, 19);
}

/// The figure that only some tasks have, else how many features the head reads.
struct LastColumn {
  const char* title;
  const char* key;
  const char* format;
};

LastColumn last_column(const Json& ranking) {
  const Json& first = ranking.at("backbones").front();
  if (first.contains("map50")) return {" AP50", "map50", "%.3f"};
  if (first.contains("map")) return {"  mAP", "map", "%.3f"};
  return {"  dim", "dimension", "%.0f"};
}

void print_table(const Json& ranking) {
  const LastColumn last = last_column(ranking);
  const bool several = ranking.at("task") == "multilabel";
  std::cout << "backbone           log-loss"
            << (several ? "    right, % (95 %)" : " accuracy, % (95 %)")
            << "  LogME  img/s    MB weights" << last.title << '\n';
  for (const auto& entry : ranking.at("backbones")) {
    const auto number = [&](const char* key, const char* format, double unit = 1) {
      const Json& value = entry.at(key);
      return value.is_null() ? "-" : formatted(format, value.get<double>() / unit);
    };
    const double rate = entry.at("images_per_s").get<double>();
    std::cout << name_column(entry.at("name").get<std::string>())
              << right_aligned(number("log_loss", "%.3f"), 9)
              << share_column(entry.at(several ? "exact_match" : "accuracy"))
              << right_aligned(number("log_me", "%.3f"), 7)
              << right_aligned(formatted(rate < 10 ? "%.1f" : "%.0f", rate), 7)
              << right_aligned(number("bytes", "%.1f", 1e6), 6)
              << right_aligned(number("parameters", "%.1f M", 1e6), 8)
              << right_aligned(number(last.key, last.format), 5) << '\n';
  }
}

void print(const Json& ranking, const RankOptions& options) {
  print_table(ranking);
  const Json& advice = ranking.at("recommendation");
  const Json& data = ranking.at("data");
  std::cout << "judged   " << data.at("items").get<long>()
            << (data.at("item") == "crop" ? " crops of objects and background, " : " images, ")
            << ranking.at("method").get<std::string>() << '\n';
  for (const auto& failed : ranking.at("failed")) {
    std::cout << "failed   " << wrapped(printable(failed.at("file").get<std::string>())) << '\n';
  }
  std::cout << "use      " << advice.at("name").get<std::string>() << '\n'
            << "because  " << wrapped("it is " + advice.at("reason").get<std::string>()) << '\n';
  if (!options.output.empty()) {
    std::cout << "report   " << printable(options.output.string()) << "/report.html\n";
  }
  std::cout << "next     preannotate train --data " << printable(options.data.string())
            << " --backbone " << printable(advice.at("file").get<std::string>())
            << (options.trust_backbone ? " --trust-backbone" : "") << " --output RUN\n";
}

ExitCode run_rank(const RankOptions& options, const SharedOptions& shared) {
  const RankResult result =
      load_pipelines("reading the labels " + options.data.string()).rank(options);
  if (shared.json) {
    std::cout << json_text(result.ranking, 1) << '\n';
  } else {
    print(result.ranking, options);
  }
  return result.exit_code;
}

}  // namespace

std::function<ExitCode()> declare_rank(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<RankOptions>();
  RankOptions& r = *options;
  app.add_option("--data", r.data, "Labelled images, in any format (README)")->required();
  app.add_option("--backbones", r.backbones,
                 "Files, or names in models/manifest.json (default: those there)");
  app.add_flag("--trust-backbone", r.trust_backbone, "Run TorchScript files no manifest lists");
  app.add_option("--task", r.task, "Task: classify, multilabel or detect (default: by the labels)");
  app.add_option("--format", r.format, "Format of the data (default: what it looks like)");
  app.add_option("--folds", r.folds, "Cross-validation folds")
      ->check(CLI::Range(2, 100))
      ->capture_default_str();
  app.add_flag("--train-heads", r.train_heads, "Also train a detector's head on each, briefly");
  app.add_option("--steps", r.steps, "Training steps of --train-heads")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_option("-o,--output", r.output, "Folder for rank.json and report.html");
  app.add_option("--seed", r.seed, "Start of every random choice")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_compute_options(app, r.device, r.workers, r.batch);
  app.add_flag("!--no-cache", r.cache, "Keep no features on disk");
  add_image_limits(app, r.decode);
  add_allow_skipped(app, r.allow_skipped);
  add_force(app, r.force);
  return [options, &shared] { return run_rank(*options, shared); };
}

}  // namespace preannotate::cli
