#include "answer_request.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "preannotate/core/error.h"

namespace preannotate {

namespace {

// Numbers that went through the page differ from the draft's by their last digits.
constexpr float kSamePlace_px = 0.01f;
constexpr float kLeastSide_px = 1;

int category_of(const Json& json, const AnswerFrame& frame, const std::string& where) {
  const auto category = int_field(json, "category", where);
  if (category < 0 || static_cast<size_t>(category) >= frame.categories) {
    throw UserError(kBadInput, where, ": category ", category, " is not one of the ",
                    frame.categories, ", which count from 0");
  }
  return static_cast<int>(category);
}

Box box_of(const Json& json, const AnswerFrame& frame, const std::string& where) {
  const auto numbers = numbers_field(json, "bbox", where);
  if (numbers.size() != 4)
    throw UserError(kBadInput, where, ": field 'bbox' has ", numbers.size(),
                    " numbers, expected x, y, width, height");
  const auto clipped = [](double value, int size) {
    return static_cast<float>(std::clamp(value, 0.0, static_cast<double>(size)));
  };
  const Box box{clipped(numbers[0], frame.width), clipped(numbers[1], frame.height),
                clipped(numbers[0] + numbers[2], frame.width),
                clipped(numbers[1] + numbers[3], frame.height)};
  // Not a number fails as well.
  if (!(box.x2 - box.x1 >= kLeastSide_px && box.y2 - box.y1 >= kLeastSide_px))
    throw UserError(kBadInput, where, ": the box has less than 1 px in the image of ", frame.width,
                    " x ", frame.height);
  return box;
}

bool same_place(const Box& a, const Box& b) {
  const auto near = [](float x, float y) { return std::abs(x - y) <= kSamePlace_px; };
  return near(a.x1, b.x1) && near(a.y1, b.y1) && near(a.x2, b.x2) && near(a.y2, b.y2);
}

/// The draft that the label was made from; nullptr when it was made anew.
const Label* draft_of(const std::string& id, const AnswerFrame& frame, const std::string& where) {
  if (id.empty()) return nullptr;
  const auto draft = std::find_if(frame.drafts.begin(), frame.drafts.end(),
                                  [&](const Label& shown) { return shown.id == id; });
  if (draft == frame.drafts.end())
    throw UserError(kBadInput, where, ": id '", id, "' is none of the drafts that were shown");
  return &*draft;
}

Label label_of(const Json& json, const AnswerFrame& frame, const std::string& where) {
  Label label;
  label.category = category_of(json, frame, where);
  if (json.contains("id")) label.id = string_field(json, "id", where);
  const Label* draft = draft_of(label.id, frame, where);
  if (frame.task != "detect") return label;
  label.box = box_of(json, frame, where);
  if (!draft || !draft->box || !same_place(*label.box, *draft->box)) return label;
  label.box = draft->box;
  label.area = draft->area;
  label.segmentation = draft->segmentation;
  return label;
}

void check_set(const std::vector<Label>& labels, const std::string& task) {
  std::set<std::string> ids;
  std::set<int> categories;
  for (const Label& label : labels) {
    if (!label.id.empty() && !ids.insert(label.id).second)
      throw UserError(kBadInput, "id '", label.id, "' stands twice among the labels");
    if (!categories.insert(label.category).second && task != "detect")
      throw UserError(kBadInput, "category ", label.category, " stands twice among the labels");
  }
  if (task == "classify" && labels.size() != 1)
    throw UserError(kBadInput, labels.size(), " labels; these images have exactly one class each");
}

}  // namespace

std::vector<Label> answered_labels(const Json& answer, const AnswerFrame& frame) {
  const Json& list = field(answer, "labels", "answer");
  if (!list.is_array()) throw UserError(kBadInput, "answer: field 'labels' is no list");
  std::vector<Label> labels;
  for (const Json& json : list)
    labels.push_back(label_of(json, frame, "label " + std::to_string(labels.size() + 1)));
  check_set(labels, frame.task);
  return labels;
}

Json page_label(const Label& label) {
  Json json;
  if (!label.id.empty()) json["id"] = label.id;
  json["category"] = label.category;
  if (label.score) json["score"] = *label.score;
  if (!label.box) return json;
  const Box& box = *label.box;
  json["bbox"] = {box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1};
  return json;
}

}  // namespace preannotate
