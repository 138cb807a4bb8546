#include "reviewed_folder.h"

#include "preannotate/core/error.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/data/image_list.h"
#include "preannotate/review/answers.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

// Boxes came back as they were sent, but for rounding in another tool's file.
constexpr double kUntouched = 0.95;

/// Of several sources the keys alone do not tell where an image lies.
std::map<std::string, fs::path> listed_places(const DraftSet& drafts) {
  ImageSources sources;
  for (const auto& source : drafts.sources) sources.paths.push_back(path_from_utf8(source));
  Problems problems;
  std::map<std::string, fs::path> places;
  for (auto& file : list_images(sources, problems)) places.emplace(file.image, file.path);
  return places;
}

void check_labels(const ReviewedFolder& reviewed) {
  if (reviewed.drafts.task != "detect") return;
  for (const Answer& answer : reviewed.log.answers) {
    for (const auto* labels : {&answer.drafts, &answer.labels}) {
      for (const Label& label : *labels) {
        if (label.box) continue;
        throw UserError(kBadInput, reviewed.drafts.folder / "review.jsonl", ": the answer of '",
                        answer.image, "' has a label without a box; these drafts are boxes");
      }
    }
  }
}

}  // namespace

bool is_accepted(const Answer& answer, const std::string& task) {
  return needs_no_edit(answer.drafts, answer.labels, task, kUntouched);
}

ReviewedFolder read_reviewed_folder(const fs::path& folder, const std::string& task) {
  ReviewedFolder reviewed;
  reviewed.drafts = read_draft_set(folder);
  if (reviewed.drafts.task != task) {
    throw UserError(kBadInput, folder, " holds drafts of --task ", reviewed.drafts.task,
                    ", the run is of --task ", task);
  }
  reviewed.log = read_answer_log(folder, reviewed.drafts.categories);
  check_labels(reviewed);
  reviewed.standing = standing_answers(reviewed.log);
  if (reviewed.drafts.sources.size() == 1) {
    for (const auto& [image, answer] : reviewed.standing) {
      reviewed.places.emplace(image, source_of(reviewed.drafts, image));
    }
  } else if (!reviewed.standing.empty()) {
    reviewed.places = listed_places(reviewed.drafts);
  }
  return reviewed;
}

}  // namespace preannotate
