#pragma once

#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/data/dataset.h"

namespace preannotate {

/// What one answer of the page is held against.
struct AnswerFrame {
  std::string task;  // classify, multilabel or detect
  size_t categories = 0;
  int width = 0, height = 0;         // of the upright image, pixels
  const std::vector<Label>& drafts;  // that were shown
};

/// The labels of {"labels":[{"id":...,"category":0,"bbox":[x,y,w,h]}]}: boxes clipped to the image;
/// a label with the id of a draft and its class and place is that draft to the last digit. Throws
/// UserError(kBadInput): a category that there is none of, not one label when the task has one, a
/// class twice, a box with less than 1 px in the image or a place where there are none, an id that
/// is no draft's or was used already.
std::vector<Label> answered_labels(const Json& answer, const AnswerFrame& frame);

/// {"id","category","score","bbox"} with what the label has; the category by number.
Json page_label(const Label& label);

}  // namespace preannotate
