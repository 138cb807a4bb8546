#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "gate_report.h"
#include "preannotate/core/json.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/review/audit.h"
#include "wrapped.h"

namespace preannotate::cli {
namespace {

using Verdict = SequentialAudit::Verdict;

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", 100 * share);
  return text;
}

std::string range(const Interval& interval) {
  return percent(interval.low) + " to " + percent(interval.high);
}

Json interval_json(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

Json strata_json(const AuditResult& result) {
  Json list = Json::array();
  for (const auto& stratum : result.strata) {
    list.push_back({{"name", stratum.name},
                    {"images", stratum.counts.total},
                    {"answers", stratum.counts.drawn},
                    {"wrong", stratum.counts.found},
                    {"error", interval_json(stratum.error)}});
  }
  return list;
}

Json reviewers_json(const AuditResult& result) {
  Json list = Json::array();
  for (const auto& reviewer : result.reviewers) {
    list.push_back({{"name", printable(reviewer.name)},
                    {"planted_wrong", reviewer.over_acceptance.planted},
                    {"accepted_wrong", reviewer.over_acceptance.accepted},
                    {"over_acceptance", interval_json(reviewer.over_acceptance.beta)},
                    {"planted_right", reviewer.planted_right},
                    {"spoiled_right", reviewer.spoiled},
                    {"corrected", reviewer.corrected},
                    {"threatens", reviewer.threatens}});
  }
  return list;
}

const char* word(Verdict verdict) {
  return verdict == Verdict::kKept ? "kept" : verdict == Verdict::kBroken ? "broken" : "open";
}

std::string sentence_of(const AuditOptions& options, const AuditResult& result) {
  const std::string promise = "at most " + percent(options.max_error) + " wrong labels";
  const std::string counts = human_count(result.wrong) + " of " + human_count(result.drawn) +
                             " answers differ, so that " + range(result.error) +
                             " of the labels are wrong (" + percent(options.confidence) +
                             " confidence)";
  if (result.verdict == Verdict::kKept) return "the promise of " + promise + " is kept: " + counts;
  if (result.verdict == Verdict::kBroken)
    return "the promise of " + promise + " is broken: " + counts;
  return "the promise of " + promise + " is not borne out yet: " + counts +
         (result.drawn < result.asked ? "; answer more of the sample"
                                      : "; draw a larger sample under another --name");
}

void print_strata(const AuditResult& result) {
  std::cout << "labels      images answers  wrong  share wrong\n";
  const auto row = [](const std::string& name, size_t images, size_t drawn, size_t wrong,
                      const Interval& error) {
    char text[96];
    std::snprintf(text, sizeof text, "%-10s %7zu %7zu %6zu  ", name.c_str(), images, drawn, wrong);
    std::cout << text << range(error) << '\n';
  };
  for (const auto& [name, counts, error] : result.strata) {
    row(name, static_cast<size_t>(counts.total), static_cast<size_t>(counts.drawn),
        static_cast<size_t>(counts.found), error);
  }
  row("all", result.pool, result.drawn, result.wrong, result.error);
}

void print_reviewers(const AuditResult& result) {
  for (const auto& reviewer : result.reviewers) {
    const OverAcceptance& over = reviewer.over_acceptance;
    const std::string said =
        "accepted " + std::to_string(over.accepted) + " of " + std::to_string(over.planted) +
        " planted wrong drafts (" + range(over.beta) + "), changed " +
        std::to_string(reviewer.spoiled) + " of " + std::to_string(reviewer.planted_right) +
        " planted right ones and " + percent(reviewer.corrected) + " of the others";
    std::cout << "reviewer " << wrapped(printable(reviewer.name) + ": " + said) << '\n';
  }
}

void warn_of_reviewers(const AuditOptions& options, const AuditResult& result) {
  for (const auto& reviewer : result.reviewers) {
    if (reviewer.over_acceptance.planted == 0) {
      log_warning(reviewer.name + ": none of the planted drafts is among these labels");
    } else if (reviewer.threatens) {
      log_warning(reviewer.name + " may accept " + percent(reviewer.over_acceptance.beta.high) +
                  " of wrong drafts, which threatens a promise of at most " +
                  percent(options.max_error) + " wrong labels: audit the finished set");
    }
  }
}

/// A promise that is not borne out yet is not kept; a reviewer is a warning, no failure.
Gate gate_of(const AuditResult& result, const std::string& sentence) {
  GateCase promise{"max_error", {}};
  if (result.audited && result.verdict != Verdict::kKept) promise.failures.push_back({sentence});
  return {"audit", {promise}};
}

ExitCode run_audit(const AuditOptions& options, const std::vector<std::string>& reports,
                   const SharedOptions& shared) {
  check_reports(reports);
  const AuditResult result = audit(options);
  const std::string sentence = result.audited ? sentence_of(options, result) : "";
  if (shared.json) {
    std::cout << json_text({{"verdict", result.audited ? Json(word(result.verdict)) : Json()},
                            {"sentence", sentence},
                            {"max_error", options.max_error},
                            {"confidence", options.confidence},
                            {"images", result.pool},
                            {"asked_for", result.asked},
                            {"answers", result.drawn},
                            {"wrong", result.wrong},
                            {"error", result.audited ? interval_json(result.error) : Json()},
                            {"strata", strata_json(result)},
                            {"reviewers", reviewers_json(result)}},
                           1)
              << '\n';
  } else {
    if (result.audited) print_strata(result);
    print_reviewers(result);
    if (result.audited && result.verdict != Verdict::kBroken)
      std::cout << "promise  " << wrapped(sentence) << '\n';
  }
  write_reports(reports, gate_of(result, sentence), shared.json);
  warn_of_reviewers(options, result);
  if (result.audited && result.verdict == Verdict::kBroken) log_error(sentence);
  const bool fine = !result.audited || result.verdict == Verdict::kKept;
  return fine ? kDone : kCheckFailed;
}

}  // namespace

std::function<ExitCode()> declare_audit(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<AuditOptions>();
  app.add_option("drafts", options->drafts, "Drafts folder with a selection for audit")->required();
  app.add_option("--answers", options->answers,
                 "Sample's labels (default: review's or answers.csv)");
  app.add_option("--labels", options->labels, "Finished labels (default: drafts with answers)");
  app.add_option("--max-error", options->max_error, "Share of wrong labels that was promised")
      ->capture_default_str();
  app.add_option("--confidence", options->confidence, "Of the interval and the verdict")
      ->check(number_between(0.5, 0.999999))
      ->capture_default_str();
  app.add_option("--reviewed", options->reviewed,
                 "What a reviewer made of planted drafts, [NAME=]FILE");
  app.add_option("--selection", options->selection, "Name that select gave the sample")
      ->capture_default_str();
  app.add_option("--review-selection", options->review_selection,
                 "Name of the selection with planted drafts")
      ->capture_default_str();
  app.add_option("--iou", options->iou, "Boxes: least overlap of one that needs no edit")
      ->check(number_between(0.05, 1))
      ->capture_default_str();
  app.add_option("--format", options->format, "Format of all labels (default: their looks)");
  app.add_flag("--add-classes", options->add_classes, "Answers may name classes new to the run");
  const auto reports = std::make_shared<std::vector<std::string>>();
  add_report(app, *reports);
  return [options, reports, &shared] { return run_audit(*options, *reports, shared); };
}

}  // namespace preannotate::cli
