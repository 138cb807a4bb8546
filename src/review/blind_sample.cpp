#include "blind_sample.h"

#include "preannotate/core/error.h"
#include "preannotate/core/hash.h"
#include "preannotate/data/answer_log.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> images_of(const Answers& answers) {
  std::vector<std::string> images;
  for (const auto& [image, labels] : answers.labels) images.push_back(image);
  return images;
}

bool same_answers(const Answers& a, const Answers& b) {
  const auto images = images_of(a);
  return images == images_of(b) && digest_of(a, images) == digest_of(b, images);
}

}  // namespace

std::vector<std::string> answered_first(const Selection& selection, const Answers& answers) {
  std::vector<std::string> images;
  for (const auto& image : selection.images) {
    if (!answers.labels.contains(image)) break;
    images.push_back(image);
  }
  return images;
}

Selection blind_selection(const DraftSet& drafts, const std::string& name,
                          const std::string& purpose) {
  Selection selection = read_selection(drafts.folder, name, drafts.categories);
  if (selection.purpose != purpose)
    throw UserError(kUsageError, "the selection '", name, "' was made for ", selection.purpose,
                    ", not for ", purpose);
  for (const auto& image : selection.images) {
    if (!drafts.at.contains(image))
      throw UserError(kBadInput, selection_folder(drafts.folder, name) / "selection.json",
                      ": image '", image, "' is not in the drafts");
  }
  return selection;
}

Answers sample_answers(const fs::path& path, const std::string& format, const DraftSet& drafts,
                       const Selection& selection, bool add_classes) {
  std::error_code ignored;
  const fs::path log = drafts.folder / "review.jsonl";
  const fs::path sheet = selection_folder(drafts.folder, selection.name) / "answers.csv";
  const bool asks_log = !path.empty() && fs::equivalent(path, log, ignored);
  if (!path.empty() && !asks_log) return read_answers(path, format, drafts, add_classes);
  Answers logged = logged_answers(drafts, selection.name);
  const bool has_sheet = fs::exists(sheet, ignored);
  const bool filled_in = has_sheet && sha256_of_file(sheet) != selection.answers_sha256;
  if (!logged.labels.empty() && filled_in && !asks_log) {
    Answers filled = read_answers(sheet, format, drafts, add_classes);
    // certify itself adds what it took from the sheet to the log.
    if (same_answers(filled, logged)) return filled;
    throw UserError(kUsageError, "there are answers of the sample '", selection.name, "' in ", log,
                    " (", logged.labels.size(), ") and in ", sheet,
                    "; --answers FILE says which of the two files counts");
  }
  if (asks_log || !logged.labels.empty()) return logged;
  if (has_sheet) return read_answers(sheet, format, drafts, add_classes);
  throw UserError(kUsageError, "nobody has answered the sample '", selection.name,
                  "' yet: preannotate review ", drafts.folder, " --selection ", selection.name,
                  "; or --answers FILE with labels of the images of ",
                  sheet.parent_path() / "images.txt", ", in any format");
}

void log_answers(const DraftSet& drafts, const Selection& selection, const Answers& answers) {
  std::vector<std::string> categories = drafts.categories;
  categories.insert(categories.end(), answers.added.begin(), answers.added.end());
  const Answers logged = logged_answers(drafts, selection.name);
  std::vector<Answer> fresh;
  for (const auto& image : selection.images) {
    const auto found = answers.labels.find(image);
    if (found == answers.labels.end() || logged.labels.contains(image)) continue;
    Answer answer;
    answer.at = utc_now();
    answer.image = image;
    answer.sha256 = drafts.drafted(drafts.at.at(image)).sha256;
    answer.via = "certify";
    answer.selection = selection.name;
    answer.purpose = selection.purpose;
    answer.shown = "blind";
    answer.labels = found->second;
    for (Label& label : answer.labels) label.score.reset();
    fresh.push_back(std::move(answer));
  }
  if (!fresh.empty()) AnswerWriter(drafts.folder).append(fresh, categories);
}

}  // namespace preannotate
