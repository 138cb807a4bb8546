#include "coco_images.h"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "label_checks.h"
#include "names.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

std::string listed_as(size_t position) {
  return "images[" + std::to_string(position) + "]";
}

/// "7" is a number that someone wrote as text.
bool is_whole(const std::string& text) {
  double number = 0;
  return parse_number(text, number) && std::trunc(number) == number;
}

}  // namespace

int CocoImages::size_field(const Json& image, const char* key, const std::string& where) const {
  if (!has_field(image, key)) return 0;
  return checked_side(values_.number(image, key, where), "field '" + std::string(key) + "'", where);
}

void CocoImages::add_id(const Json& image, size_t position, const std::string& where) {
  const auto refuse = [&](const auto& id, const Listed& first) {
    throw UserError(kBadInput, where, ": image id ", id, " is already that of ",
                    listed_as(first.position), "; each image needs its own");
  };
  const Listed listed{samples_.size() - 1, position};
  const Json& id = field(image, "id", where);
  if (id.is_string() && !is_whole(id.get_ref<const std::string&>())) {
    const auto text = id.get<std::string>();
    notes_.add("image_id_text", where, "image ids are text");
    const auto [first, added] = by_text_id_.try_emplace(text, listed);
    if (!added) refuse("'" + text + "'", first->second);
    return;
  }
  const auto number = values_.id(image, "id", where);
  const auto [first, added] = by_id_.try_emplace(number, listed);
  if (!added) refuse(number, first->second);
}

void CocoImages::add(const Json& image, size_t position, const std::string& where) {
  Sample sample;
  const auto name = string_field(image, "file_name", where);
  sample.image = checked_image_key(name, where);
  samples_.push_back(sample);
  // The id first: annotations of an image with another fault are then no faults themselves.
  add_id(image, position, where);
  const size_t index = samples_.size() - 1;
  const auto [first, added] = by_name_.try_emplace(sample.image, Listed{index, position});
  if (!added) {
    throw UserError(kBadInput, where, ": file_name '", name, "' is already that of ",
                    listed_as(first->second.position), "; list each image once");
  }
  const std::filesystem::path path(sample.image);
  auto without_extension = path;
  without_extension.replace_extension();
  for (const auto& text : std::set<std::string>{without_extension.string(), path.stem().string(),
                                                path.filename().string()}) {
    if (text != sample.image) by_stem_.emplace(text, index);
  }
  samples_[index].width = size_field(image, "width", where);
  samples_[index].height = size_field(image, "height", where);
}

std::optional<size_t> CocoImages::by_text(const std::string& text, const std::string& where) const {
  std::set<size_t> found;
  if (const auto id = by_text_id_.find(text); id != by_text_id_.end()) return id->second.sample;
  if (const auto name = by_name_.find(text); name != by_name_.end()) {
    found.insert(name->second.sample);
  } else {
    const auto [first, last] = by_stem_.equal_range(text);
    for (auto entry = first; entry != last; ++entry) found.insert(entry->second);
  }
  if (double number = 0; parse_number(text, number) && std::abs(number) < 9e15) {
    const auto id = by_id_.find(static_cast<std::int64_t>(number));
    if (id != by_id_.end() && std::trunc(number) == number) found.insert(id->second.sample);
  }
  if (found.size() > 1) {
    throw UserError(kBadInput, where, ": field 'image_id' is '", text, "', which fits ",
                    samples_[*found.begin()].image, " and ", samples_[*found.rbegin()].image,
                    "; expected the image's id");
  }
  if (found.empty()) return std::nullopt;
  return *found.begin();
}

std::optional<size_t> CocoImages::of_annotation(const Json& annotation,
                                                const std::string& where) const {
  const Json& id = field(annotation, "image_id", where);
  if (id.is_string()) {
    notes_.add("image_id_text", where, "field 'image_id' is text, matched to the image's name");
    return by_text(id.get<std::string>(), where);
  }
  const auto found = by_id_.find(values_.id(annotation, "image_id", where));
  if (found == by_id_.end()) return std::nullopt;
  return found->second.sample;
}

}  // namespace preannotate
