#include "issue_pictures.h"

#include <map>

#include "box_pictures.h"
#include "preannotate/data/dataset.h"
#include "train_report.h"

namespace preannotate {

namespace {

constexpr size_t kFlagged = 60, kUnflagged = 12;  // pictures of a kind

BoxPicture picture_of_box(const Suspect& suspect, const Dataset& dataset,
                          const std::vector<TruthBox>& objects) {
  DetectionImage shown{objects, {}};
  BoxMistake subject;
  subject.missed = suspect.box.has_value();
  subject.box = suspect.box.value_or(suspect.suggested_box.value_or(Box{}));
  const std::string& name = suspect.box ? suspect.label : suspect.suggestion;
  subject.category = category_index(dataset.categories, name);
  subject.score = suspect.box ? 1 : suspect.confidence;
  if (suspect.suggested_box) {
    const int category = category_index(dataset.categories, suspect.suggestion);
    shown.drafts.push_back({*suspect.suggested_box, category, suspect.confidence});
  }
  return box_picture(dataset.samples[suspect.sample].image, shown, subject, dataset);
}

}  // namespace

std::vector<IssuePicture> issue_pictures(const std::vector<Suspect>& suspects,
                                         const Dataset& dataset,
                                         const std::vector<std::vector<TruthBox>>& objects) {
  std::map<std::string, size_t> flagged, unflagged;
  std::vector<IssuePicture> pictures;
  for (const auto& suspect : suspects) {
    size_t& shown = suspect.flagged ? flagged[suspect.kind] : unflagged[suspect.kind];
    if (shown >= (suspect.flagged ? kFlagged : kUnflagged)) continue;
    ++shown;
    IssuePicture picture{.suspect = suspect};
    picture.image = dataset.samples[suspect.sample].image;
    if (suspect.box || suspect.suggested_box) {
      picture.boxes = picture_of_box(suspect, dataset, objects[suspect.sample]);
    } else {
      picture.jpeg = thumbnail_jpeg(dataset, picture.image);
    }
    if (suspect.other) {
      picture.other = dataset.samples[*suspect.other].image;
      picture.other_jpeg = thumbnail_jpeg(dataset, picture.other);
    }
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

}  // namespace preannotate
