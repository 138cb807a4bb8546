#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "pipelines.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"
#include "wrapped.h"

namespace preannotate::cli {
namespace {

/// "12 answers by ann, 1.3 s each; 3 answers by ben, 2.0 s each".
std::string sentence_of(const ReviewResult& result) {
  if (result.asked == 0) return "nothing to review: no image is in bucket review";
  std::string text;
  for (const auto& [name, answers, seconds] : result.paces) {
    if (answers == 0) continue;
    text += (text.empty() ? "" : "; ") + human_count(answers) +
            (answers == 1 ? " answer by " : " answers by ") + printable(name);
    char each[32];
    std::snprintf(each, sizeof each, ", %.1f s each", seconds);
    if (seconds > 0) text += each;
  }
  if (text.empty()) text = "no answers";
  return text + "; " + human_count(result.asked - result.answered) + " of " +
         human_count(result.asked) + " images left";
}

Json paces_json(const ReviewResult& result) {
  Json list = Json::array();
  for (const auto& [name, answers, seconds] : result.paces)
    list.push_back({{"name", name}, {"answers", answers}, {"seconds_mean", seconds}});
  return list;
}

void print_line(const Json& json) {
  std::cout << json_text(json) << std::endl;
}

ExitCode run_export(const ExportHtmlOptions& options, const SharedOptions& shared) {
  const ExportHtmlResult result = load_pipelines("reading drafts").export_html(options);
  if (shared.json) {
    print_line({{"file", utf8_path(options.file)},
                {"images", result.images},
                {"exported", result.exported}});
  } else {
    std::cout << "written  " << printable(options.file.string()) << "  ("
              << human_count(result.exported) << " of " << human_count(result.images)
              << " images)\n";
  }
  return kDone;
}

ExitCode run_review(const ReviewOptions& options, const SharedOptions& shared) {
  const ReviewResult result = load_pipelines("reading drafts").review(options);
  if (shared.json) {
    print_line({{"images", result.asked},
                {"answered", result.answered},
                {"reviewers", paces_json(result)}});
  } else {
    std::cout << "session  " << wrapped(sentence_of(result)) << '\n';
  }
  return kDone;
}

}  // namespace

std::function<ExitCode()> declare_review(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<ReviewOptions>();
  SessionOptions& session = options->session;
  app.add_option("drafts", session.drafts, "Drafts folder that predict wrote")->required();
  app.add_option("--selection", session.selection,
                 "Images that select chose (default: bucket review)");
  app.add_option("--port", options->port, "Of the page on 127.0.0.1 (default: a free one)")
      ->check(CLI::Range(0, 65535));
  app.add_flag("!--no-browser", options->open_browser, "Print the address, open no browser");
  app.add_option("--reviewer", session.reviewer, "Name of who reviews (default: the page asks)");
  app.add_option("--classes", session.classes, "Classes that people may give besides the drafts'")
      ->delimiter(',');
  const auto exported = std::make_shared<ExportHtmlOptions>();
  app.add_option("--export-html", exported->file,
                 "Serve nothing: write the drafts as a page to read");
  add_force(app, exported->force);
  options->serving = [&shared](const std::string& url) {
    if (shared.json) return print_line({{"url", url}});
    std::cout << url << std::endl;
  };
  return [options, exported, &shared] {
    if (exported->file.empty()) return run_review(*options, shared);
    exported->drafts = options->session.drafts;
    return run_export(*exported, shared);
  };
}

}  // namespace preannotate::cli
