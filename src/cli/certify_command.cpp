#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "gate_report.h"
#include "preannotate/core/json.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/review/certify.h"
#include "wrapped.h"

namespace preannotate::cli {
namespace {

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f %%", share < 0.1 ? 2 : 1, 100 * share);
  return text;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

std::string name_of(const GroupCertificate& group) {
  return group.classes.empty() ? "all classes" : join_names(group.classes, 3);
}

Json groups_json(const CertifyResult& result) {
  Json list = Json::array();
  for (const auto& group : result.groups) {
    const Certificate& c = group.certificate;
    list.push_back({{"classes", group.classes},
                    {"given", c.given},
                    {"threshold", c.given ? Json(c.threshold) : Json()},
                    {"images", c.total},
                    {"answers", c.sampled},
                    {"accepted", c.accepted},
                    {"error_bound", c.given ? Json(c.bound) : Json()}});
  }
  return list;
}

void print_json(const CertifyOptions& options, const CertifyResult& result,
                const std::string& sentence) {
  std::cout << json_text({{"given", result.given()},
                          {"sentence", sentence},
                          {"max_error", options.max_error},
                          {"confidence", options.confidence},
                          {"images", result.pool},
                          {"answers", result.sampled},
                          {"settled", result.settled},
                          {"asked_for", result.asked},
                          {"wrong_in_sample", result.wrong},
                          {"accepted", result.accepted},
                          {"to_review", result.to_review},
                          {"error_bound", result.given() ? Json(result.error_bound) : Json()},
                          {"more_answers", result.more_answers},
                          {"look", result.look},
                          {"looks", result.looks},
                          {"groups", groups_json(result)},
                          {"warnings", result.warnings}},
                         1)
            << '\n';
}

/// The certificate in one sentence.
std::string sentence_of(const CertifyOptions& options, const CertifyResult& result) {
  const std::string promise = percent(options.max_error) + " wrong labels";
  if (result.given()) {
    return "at most " + percent(result.error_bound) + " of the " + human_count(result.pool) +
           " labels are wrong, with " + percent(options.confidence) +
           " confidence, once people have labelled the other " + human_count(result.to_review);
  }
  if (result.more_answers > 0) {
    return "no certificate: " + human_count(result.sampled) + " answers cannot bear out " +
           promise + "; " + human_count(static_cast<std::uint64_t>(result.more_answers)) +
           " more are needed at least";
  }
  return "no certificate: drafts that the model is surest of are wrong in the sample; " +
         human_count(result.sampled) + " answers bear out no acceptance at " + promise;
}

void print(const CertifyResult& result, const std::string& sentence) {
  if (result.more_answers == 0) {
    std::cout << "sample   " << human_count(result.sampled) << " of "
              << human_count(result.pool - result.settled) << " images, "
              << human_count(result.wrong) << " of their drafts wrong\n";
    if (result.settled > 0)
      std::cout << "settled  " << human_count(result.settled)
                << " images that people had answered before; taken as right\n";
    const double share = static_cast<double>(result.accepted) / static_cast<double>(result.pool);
    std::cout << "accept   " << human_count(result.accepted) << " images (" << percent(share)
              << "), " << human_count(result.to_review) << " to review, "
              << human_count(result.sampled + result.settled) << " answered\n";
    for (const auto& group : result.groups) {
      const Certificate& c = group.certificate;
      std::cout << "  " << name_of(group) << ": "
                << (c.given ? human_count(static_cast<std::uint64_t>(c.accepted)) + " of " +
                                  human_count(static_cast<std::uint64_t>(c.total)) +
                                  " from score " + number(c.threshold)
                    : c.allowed_wrong < 0 ? "too few answers"
                                          : "none")
                << '\n';
    }
  }
  if (result.looks > 1) std::cout << "look     " << result.look << " of " << result.looks << '\n';
  std::cout << "promise  " << (result.given() ? wrapped(sentence) : "none") << '\n';
}

Gate gate_of(const CertifyResult& result, const std::string& sentence) {
  GateCase promise{"max_error", {}};
  if (!result.given()) promise.failures.push_back({sentence});
  return {"certify", {promise}};
}

ExitCode run_certify(const CertifyOptions& options, const std::vector<std::string>& reports,
                     const SharedOptions& shared) {
  check_reports(reports);
  const CertifyResult result = certify(options);
  const std::string sentence = sentence_of(options, result);
  if (shared.json) {
    print_json(options, result, sentence);
  } else {
    print(result, sentence);
  }
  write_reports(reports, gate_of(result, sentence), shared.json);
  for (const auto& warning : result.warnings) log_warning(warning);
  if (!result.given()) log_error(sentence);
  return result.given() ? kDone : kCheckFailed;
}

}  // namespace

std::function<ExitCode()> declare_certify(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<CertifyOptions>();
  app.add_option("drafts", options->drafts, "Drafts folder with a selection for certify")
      ->required();
  app.add_option("--answers", options->answers,
                 "Sample's labels (default: review's or answers.csv)");
  app.add_option("--max-error", options->max_error, "Share of wrong labels to promise at most")
      ->capture_default_str();
  app.add_option("--confidence", options->confidence, "Probability that the promise holds")
      ->capture_default_str();
  app.add_flag("--per-class", options->per_class, "The promise, and a threshold, for each class");
  app.add_option("--looks", options->looks, "Tests planned with this sample (default: 1)")
      ->check(CLI::Range(1, 1000));
  app.add_option("--selection", options->selection, "Name that select gave the sample")
      ->capture_default_str();
  app.add_option("--iou", options->iou, "Boxes: least overlap of one that needs no edit")
      ->check(number_between(0.05, 1))
      ->capture_default_str();
  app.add_option("--format", options->format, "Format of the answers (default: their looks)");
  app.add_flag("--add-classes", options->add_classes, "Answers may name classes new to the run");
  const auto reports = std::make_shared<std::vector<std::string>>();
  add_report(app, *reports);
  return [options, reports, &shared] { return run_certify(*options, *reports, shared); };
}

}  // namespace preannotate::cli
