#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <system_error>

#include "agreement_text.h"
#include "all_commands.h"
#include "fitted.h"
#include "pipelines.h"
#include "preannotate/core/files.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"
#include "preannotate/review/answer_statistics.h"
#include "wrapped.h"

namespace preannotate::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kRows = 20;       // of a table
constexpr size_t kConfusions = 5;  // shown
constexpr int kNameWidth = 19;

struct Options {
  fs::path drafts, html;
  bool force = false;
};

std::string share(size_t part, size_t whole) {
  if (whole == 0) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%",
                100 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

std::string seconds(const std::optional<double>& value) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", *value);
  return text;
}

/// Right-aligned in `width` columns.
std::string right(const std::string& text, size_t width) {
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

std::string columns(const std::string& name, const std::vector<std::string>& cells) {
  constexpr size_t kWidths[] = {9, 10, 11, 7, 8, 7, 8};
  std::string line = fitted(name, kNameWidth);
  for (size_t i = 0; i < cells.size(); ++i) line += right(cells[i], kWidths[i]);
  return line + '\n';
}

std::vector<std::string> outcomes(const ObjectCounts& counts) {
  return {human_count(counts.drafted()),  share(counts.accepted, counts.drafted()),
          human_count(counts.relabelled), human_count(counts.moved),
          human_count(counts.deleted),    human_count(counts.added)};
}

void print_heading(const std::string& name, bool timed) {
  std::vector<std::string> heads = {"drafted", "accepted", "relabelled",
                                    "moved",   "deleted",  "added"};
  if (timed) heads.emplace_back("s/image");
  std::cout << '\n' << columns(name, heads);
}

/// Classes with most drafts first.
void print_classes(const AnswerStatistics& statistics) {
  std::vector<size_t> order(statistics.categories.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::erase_if(order, [&](size_t i) { return statistics.by_class[i].handled() == 0; });
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return statistics.by_class[a].handled() > statistics.by_class[b].handled();
  });
  if (order.empty()) return;
  print_heading("class", false);
  for (size_t i = 0; i < std::min(order.size(), kRows); ++i)
    std::cout << columns(statistics.categories[order[i]], outcomes(statistics.by_class[order[i]]));
  if (order.size() > kRows)
    std::cout << "and " << human_count(order.size() - kRows) << " more (--json)\n";
}

void print_tallies(const std::string& name, const std::map<std::string, AnswerTally>& tallies) {
  if (tallies.empty()) return;
  print_heading(name, true);
  size_t shown = 0;
  for (const auto& [key, tally] : tallies) {
    if (shown++ == kRows) break;
    auto cells = outcomes(tally.objects);
    cells.push_back(seconds(tally.seconds_per_image()));
    std::cout << columns(key.empty() ? "(not told)" : key, cells);
  }
  if (tallies.size() > kRows)
    std::cout << "and " << human_count(tallies.size() - kRows) << " more (--json)\n";
}

void print_confusions(const AnswerStatistics& statistics) {
  std::vector<std::pair<size_t, std::pair<int, int>>> sorted;
  for (const auto& [classes, count] : statistics.relabelled) sorted.push_back({count, classes});
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> words;
  for (const auto& [count, classes] : sorted) {
    words.push_back(printable(statistics.categories[static_cast<size_t>(classes.first)]) + " is " +
                    printable(statistics.categories[static_cast<size_t>(classes.second)]) + " (" +
                    human_count(count) + ")");
  }
  if (!words.empty()) std::cout << "confused " << wrapped(join_names(words, kConfusions)) << '\n';
}

void print_totals(const AnswerStatistics& statistics) {
  std::cout << "answered " << human_count(statistics.answered) << " of "
            << counted(statistics.images, "image");
  if (statistics.drafts.skipped + statistics.blind.skipped > 0)
    std::cout << ", " << human_count(statistics.drafts.skipped + statistics.blind.skipped)
              << " skipped";
  if (statistics.conflicts > 0)
    std::cout << ", " << human_count(statistics.conflicts) << " in conflict";
  std::cout << '\n';
  const AnswerTally& drafts = statistics.drafts;
  if (drafts.answers > 0) {
    const ObjectCounts& o = drafts.objects;
    std::cout << "drafts   "
              << wrapped("of " + counted(drafts.answers, "answer") + ": " +
                         share(o.accepted, o.drafted()) + " of " + human_count(o.drafted()) +
                         " objects accepted, " + human_count(o.relabelled) + " relabelled, " +
                         human_count(o.moved) + " moved, " + human_count(o.deleted) + " deleted, " +
                         human_count(o.added) + " added; " +
                         share(drafts.untouched, drafts.answers) + " of images untouched")
              << '\n';
  }
  if (drafts.timed > 0) {
    std::cout << "time     " << seconds(drafts.seconds_per_image()) << " an image, "
              << seconds(drafts.seconds_per_object()) << " an object\n";
  }
  if (statistics.blind.answers > 0) {
    std::cout << "blind    " << counted(statistics.blind.answers, "answer") << ", "
              << counted(statistics.blind.objects.added, "object") << ", "
              << seconds(statistics.blind.seconds_per_image()) << " an image\n";
  }
  size_t planted = 0, untouched = 0;
  for (const auto& [reviewer, tally] : statistics.planted) {
    planted += tally.answers;
    untouched += tally.untouched;
  }
  if (planted > 0)
    std::cout << "planted  " << counted(planted, "draft") << ", " << human_count(untouched)
              << " left as they were; audit judges them\n";
  print_confusions(statistics);
  const auto agreement = agreement_text(statistics.agreement);
  if (!agreement.empty()) std::cout << "agree    " << wrapped(agreement) << '\n';
}

void write_page(const Options& options, const DraftSet& drafts, Json json) {
  json["drafts_folder"] = utf8_path(options.drafts);
  json["task"] = drafts.task;
  json["tool_version"] = PREANNOTATE_VERSION;
  write_file(options.html,
             load_pipelines("writing " + options.html.string()).statistics_page(json));
}

void check_html(const Options& options) {
  std::error_code ignored;
  if (options.html.empty() || options.force || !fs::exists(options.html, ignored)) return;
  throw UserError(kOutputExists, options.html, " exists; --force replaces it");
}

ExitCode run_statistics(const Options& options, const SharedOptions& shared) {
  check_html(options);
  const DraftSet drafts = read_draft_set(options.drafts);
  const AnswerLog log = read_answer_log(options.drafts, drafts.categories);
  const AnswerStatistics statistics = answer_statistics(drafts, log);
  const Json json = statistics_json(statistics);
  if (shared.json) {
    std::cout << json_text(json, 1) << '\n';
  } else if (log.answers.empty()) {
    std::cout << "answered none of " << counted(statistics.images, "image")
              << "\nnext     preannotate review, or import what another tool exported\n";
  } else {
    print_totals(statistics);
    print_classes(statistics);
    print_tallies("person", statistics.by_reviewer);
    print_tallies("model", statistics.by_model_version);
  }
  if (!options.html.empty()) {
    write_page(options, drafts, json);
    if (!shared.json) std::cout << "\npage     " << printable(options.html.string()) << '\n';
  }
  return kDone;
}

}  // namespace

std::function<ExitCode()> declare_statistics(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<Options>();
  app.add_option("drafts", options->drafts, "Drafts folder that people have answered")->required();
  app.add_option("--html", options->html, "Also write a page to this file");
  add_force(app, options->force);
  return [options, &shared] { return run_statistics(*options, shared); };
}

}  // namespace preannotate::cli
