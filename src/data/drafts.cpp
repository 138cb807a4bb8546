#include "preannotate/data/drafts.h"

#include <nlohmann/json.hpp>
#include <system_error>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/data/ledger.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLedger = "drafts.jsonl";

/// What people said takes the place of what was drafted.
void put_answer(const Answer& answer, Sample& sample) {
  sample.labels = answer.labels;
  sample.bucket = "answered";
  sample.uncertainty = 0;
}

}  // namespace

bool is_drafts_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path / kLedger, error);
}

Dataset read_drafts(const fs::path& folder) {
  const fs::path file = folder / "run.json";
  const Json run = read_json(file);
  Dataset dataset;
  dataset.categories = strings_field(run, "categories", file.string());
  dataset.model_version = string_field(run, "model_version", file.string());
  dataset.several_classes = string_field(run, "task", file.string()) == "multilabel";
  const auto sources = strings_field(run, "source", file.string());
  if (sources.size() == 1) dataset.image_root = path_from_utf8(sources[0]);
  LedgerReader ledger(folder / kLedger, dataset.categories);
  const AnswerLog log = read_answer_log(folder, dataset.categories);
  const auto answers = standing_answers(log);
  dataset.categories = log.categories;
  while (auto entry = ledger.next()) {
    if (entry->status != "done" && entry->status != "empty") continue;
    const auto answer = answers.find(entry->sample.image);
    if (answer != answers.end()) put_answer(answer->second, entry->sample);
    dataset.samples.push_back(std::move(entry->sample));
  }
  return dataset;
}

}  // namespace preannotate
