#include "label_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "bounded_fields.h"
#include "number_text.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

constexpr double kFarthest = 1 << 30;  // px; no image is larger, and a float holds it

/// Corners are rounded before they are subtracted, so that x + width is the rounded x2.
Json box_json(const Box& box) {
  const auto pixel = [](double value) { return rounded(value, kPixelDecimals); };
  return {pixel(box.x1), pixel(box.y1), pixel(pixel(box.x2) - pixel(box.x1)),
          pixel(pixel(box.y2) - pixel(box.y1))};
}

int category_field(const Json& json, const std::vector<std::string>& categories,
                   const std::string& where) {
  const auto name = string_field(json, "category", where);
  const int index = category_index(categories, name);
  if (index < 0) {
    const auto nearest = nearest_name(name, categories);
    throw UserError(kBadInput, where, ": category '", name, "' is not among the ",
                    categories.size(), " of the run",
                    nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
  }
  return index;
}

Box box_field(const Json& json, const std::string& where) {
  const auto numbers = numbers_field(json, "bbox", where);
  const bool far = std::any_of(numbers.begin(), numbers.end(),
                               [](double number) { return std::abs(number) > kFarthest; });
  if (numbers.size() != 4 || numbers[2] < 0 || numbers[3] < 0 || far) {
    throw UserError(kBadInput, where, ": field 'bbox' is ", json_text(json["bbox"]),
                    ", expected [x, y, width, height]");
  }
  return {static_cast<float>(numbers[0]), static_cast<float>(numbers[1]),
          static_cast<float>(numbers[0] + numbers[2]), static_cast<float>(numbers[1] + numbers[3])};
}

Label parse_label(const Json& json, const std::vector<std::string>& categories,
                  const std::string& where) {
  Label label;
  label.category = category_field(json, categories, where);
  if (json.contains("score")) label.score = fraction_field(json, "score", where);
  if (json.contains("bbox")) label.box = box_field(json, where);
  if (json.contains("id")) label.id = string_field(json, "id", where);
  if (json.contains("iscrowd")) {
    label.crowd =
        within<std::int64_t>(int_field(json, "iscrowd", where), 0, 1, "iscrowd", where) == 1;
  }
  if (json.contains("segmentation")) label.segmentation = json_text(json["segmentation"]);
  return label;
}

}  // namespace

Json label_json(const Label& label, const std::vector<std::string>& categories) {
  Json json = Json::object();
  if (!label.id.empty()) json["id"] = label.id;
  json["category"] = categories.at(static_cast<size_t>(label.category));
  if (label.score) json["score"] = rounded(*label.score, kScoreDecimals);
  if (label.box) json["bbox"] = box_json(*label.box);
  if (label.crowd) json["iscrowd"] = 1;
  if (!label.segmentation.empty()) json["segmentation"] = Json::parse(label.segmentation);
  return json;
}

std::vector<Label> parse_labels(const Json& json, const char* key,
                                const std::vector<std::string>& categories,
                                const std::string& where) {
  const Json& list = json.at(key);
  if (!list.is_array()) throw UserError(kBadInput, where, ": field '", key, "' is no list");
  std::vector<Label> labels;
  for (const Json& label : list) labels.push_back(parse_label(label, categories, where));
  return labels;
}

}  // namespace preannotate
