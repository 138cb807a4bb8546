#include "blind_sample.h"

#include "preannotate/core/error.h"

namespace preannotate {

namespace fs = std::filesystem;

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

fs::path answers_path(const fs::path& answers, const DraftSet& drafts, const Selection& selection) {
  if (!answers.empty()) return answers;
  const fs::path file = selection_folder(drafts.folder, selection.name) / "answers.csv";
  std::error_code ignored;
  if (fs::exists(file, ignored)) return file;
  throw UserError(kUsageError, "--answers FILE is needed: labels of the images of ",
                  file.parent_path() / "images.txt", ", in any format");
}

}  // namespace preannotate
