#include "kept_answers.h"

#include <algorithm>
#include <optional>
#include <system_error>

#include "preannotate/core/error.h"
#include "preannotate/core/hash.h"
#include "preannotate/data/dataset.h"
#include "preannotate/review/draft_set.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLog = "review.jsonl";
constexpr const char* kSelections = "selections";

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// The entry by the classes of the new model; absent when it lacks one of the entry's.
std::optional<LedgerEntry> renumbered(LedgerEntry entry, const std::vector<int>& numbers,
                                      size_t classes) {
  for (auto* labels : {&entry.sample.labels, &entry.candidates}) {
    for (Label& label : *labels) {
      label.category = numbers[static_cast<size_t>(label.category)];
      if (label.category < 0) return std::nullopt;
    }
  }
  if (entry.scores.empty()) return entry;
  std::vector<double> scores(classes, 0.0);
  for (size_t c = 0; c < entry.scores.size(); ++c) {
    if (numbers[c] >= 0) scores[static_cast<size_t>(numbers[c])] = entry.scores[c];
  }
  entry.scores = std::move(scores);
  return entry;
}

bool has_content(const fs::path& path, const std::string& content) {
  try {
    return sha256_of_file(path) == content;
  } catch (const UserError&) {
    return false;  // whoever drafts it says why
  }
}

}  // namespace

bool holds_answers(const fs::path& drafts) {
  return is_there(drafts / kLog) || is_there(drafts / kSelections);
}

KeptAnswers::KeptAnswers(fs::path drafts, const std::vector<std::string>& classes)
    : drafts_(std::move(drafts)) {
  if (!holds_answers(drafts_)) return;
  if (is_there(drafts_ / kLog)) lock_ = std::make_unique<AnswerWriter>(drafts_);
  const DraftSet was = read_draft_set(drafts_);
  const auto standing = standing_answers(read_answer_log(drafts_, was.categories));
  std::vector<int> numbers;
  for (const auto& name : was.categories) numbers.push_back(category_index(classes, name));
  for (const size_t position : was.pool) {
    const LedgerEntry& entry = was.entries[position];
    const auto answer = standing.find(entry.sample.image);
    if (answer == standing.end() || answer->second.sha256 != entry.sha256) continue;
    if (auto kept = renumbered(entry, numbers, classes.size()))
      entries_.push_back(std::move(*kept));
  }
}

void KeptAnswers::take_from(PredictionInputs& inputs) const {
  std::vector<ImageFile> others;
  auto entry = entries_.begin();
  for (auto& file : inputs.images) {
    while (entry != entries_.end() && entry->sample.image < file.image) ++entry;
    const bool answered = entry != entries_.end() && entry->sample.image == file.image;
    if (answered && has_content(file.path, entry->sha256)) {
      inputs.given.push_back(*entry);
      inputs.answered.push_back(std::move(file));
    } else {
      others.push_back(std::move(file));
    }
  }
  inputs.images = std::move(others);
  std::sort(inputs.given.begin(), inputs.given.end(),
            [](const auto& a, const auto& b) { return a.sample.image < b.sample.image; });
}

void KeptAnswers::carry_over(const fs::path& to) const {
  for (const char* name : {kLog, kSelections}) {
    if (!is_there(drafts_ / name)) continue;
    std::error_code error;
    fs::remove_all(to / name, error);
    fs::copy(drafts_ / name, to / name,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
    if (!error) continue;
    throw UserError(kCannotWrite, to / name, ": cannot be written: ", error.message());
  }
}

}  // namespace preannotate
