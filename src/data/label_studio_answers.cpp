#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "label_studio.h"
#include "label_studio_results.h"
#include "preannotate/core/error.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr double kLongest_s = 1e9;

/// Seconds since 1970 of "2026-01-02T03:04:05.678901+02:00" in UTC; nothing for other text.
std::optional<std::time_t> parsed_time(const std::string& text) {
  std::tm parts{};
  int taken = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &taken) != 6)
    return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  auto rest = text.substr(static_cast<size_t>(taken));
  if (!rest.empty() && rest[0] == '.') rest.erase(0, rest.find_first_not_of("0123456789", 1));
  long ahead_s = 0;
  int hours = 0, minutes = 0;
  if (std::sscanf(rest.c_str(), "%*1[+-]%2d:%2d", &hours, &minutes) == 2)
    ahead_s = (rest[0] == '-' ? -60L : 60L) * (60L * hours + minutes);
  return ::timegm(&parts) - ahead_s;
}

/// As utc_now() writes it; "" when `text` is no time.
std::string utc_text(const std::string& text) {
  const auto time = parsed_time(text);
  std::tm parts{};
  if (!time || !::gmtime_r(&*time, &parts) || parts.tm_year < 0 || parts.tm_year > 8099) return "";
  char out[32];
  std::strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return out;
}

/// `completed_by`: a number, or in some exports the person.
std::string reviewer_of(const Json& annotation) {
  if (!has_field(annotation, "completed_by")) return "";
  const Json& by = annotation["completed_by"];
  if (by.is_string()) return by.get<std::string>();
  if (by.is_number_integer()) return std::to_string(by.get<std::int64_t>());
  for (const char* key : {"email", "username"}) {
    if (by.is_object() && !text_or_empty(by, key).empty()) return text_or_empty(by, key);
  }
  return by.is_object() && has_field(by, "id") && by["id"].is_number_integer()
             ? std::to_string(by["id"].get<std::int64_t>())
             : "";
}

double seconds_of(const Json& annotation) {
  if (!has_field(annotation, "lead_time") || !annotation["lead_time"].is_number()) return 0;
  const auto seconds = annotation["lead_time"].get<double>();
  return seconds >= 0 && seconds <= kLongest_s ? seconds : 0;
}

/// False for an annotation that a program made and nobody has submitted.
bool was_looked_at(const Json& annotation) {
  constexpr std::array<std::string_view, 3> kByPrograms = {"imported", "prediction",
                                                           "propagated_annotation"};
  const auto last = text_or_empty(annotation, "last_action");
  return std::find(kByPrograms.begin(), kByPrograms.end(), last) == kByPrograms.end();
}

/// The drafts that an annotation began with; null when the export does not hold them.
const Json* prediction_of(const Json& task, const Json& annotation, const std::string& where) {
  if (has_field(annotation, "prediction") && has_field(annotation["prediction"], "result"))
    return &annotation["prediction"];
  const Json* first = nullptr;
  for (const Json& prediction : list_in(task, "predictions", where)) {
    // Some exports list numbers of predictions alone.
    if (!prediction.is_object() || !has_field(prediction, "result")) continue;
    const bool parent = has_field(annotation, "parent_prediction") && prediction.contains("id") &&
                        prediction["id"] == annotation["parent_prediction"];
    if (parent) return &prediction;
    if (!first) first = &prediction;
  }
  return first;
}

class AnswerReader {
 public:
  explicit AnswerReader(const fs::path& file) : results_(file, {}) {}

  Returned run() {
    const Json root = results_.tasks();
    for (size_t i = 0; i < root.size(); ++i) {
      const auto where = "tasks[" + std::to_string(i) + "]";
      results_.faults.collect(where, [&] { add_task(root[i], where); });
    }
    results_.finish();
    take_labels();
    returned_.categories = std::move(results_.dataset.categories);
    returned_.problems = std::move(results_.dataset.problems);
    return std::move(returned_);
  }

 private:
  void add_task(const Json& task, const std::string& where) {
    const Sample image = results_.sample_of(task, where);
    once_.add(image.image, where);
    const auto& annotations = list_in(task, "annotations", where);
    if (annotations.empty()) ++returned_.open;
    for (size_t i = 0; i < annotations.size(); ++i) {
      const auto place = where + ".annotations[" + std::to_string(i) + "]";
      if (!annotations[i].is_object()) throw UserError(kBadInput, place, ": is no object");
      add_annotation(task, annotations[i], place, image);
    }
  }

  void add_annotation(const Json& task, const Json& annotation, const std::string& where,
                      const Sample& image) {
    ReturnedAnswer answer;
    answer.image = image.image;
    answer.reviewer = reviewer_of(annotation);
    answer.at = utc_text(text_or_empty(annotation, "updated_at"));
    if (answer.at.empty()) answer.at = utc_text(text_or_empty(annotation, "created_at"));
    answer.seconds = seconds_of(annotation);
    answer.skipped = is_cancelled(annotation);
    answer.looked_at = was_looked_at(annotation);
    Sample said = image, sent = image;
    if (!answer.skipped) results_.add_labels(annotation, where, said);
    if (const Json* prediction = prediction_of(task, annotation, where)) {
      results_.add_labels(*prediction, where + ".prediction", sent);
      answer.sent.emplace();
      const auto version = text_or_empty(*prediction, "model_version");
      if (version != "none") answer.model_version = version;
    }
    answer.width = said.width;
    answer.height = said.height;
    // Labels get their categories' places with the dataset's.
    results_.dataset.samples.push_back(std::move(said));
    results_.dataset.samples.push_back(std::move(sent));
    returned_.answers.push_back(std::move(answer));
  }

  void take_labels() {
    auto& samples = results_.dataset.samples;
    for (size_t i = 0; i < returned_.answers.size(); ++i) {
      returned_.answers[i].labels = std::move(samples[2 * i].labels);
      if (returned_.answers[i].sent)
        returned_.answers[i].sent = std::move(samples[2 * i + 1].labels);
    }
  }

  LabelStudioResults results_;
  ImagesOnce once_;
  Returned returned_;
};

}  // namespace

Returned read_label_studio_answers(const fs::path& file) {
  return AnswerReader(file).run();
}

}  // namespace preannotate
