#include "session_folder.h"

#include <nlohmann/json.hpp>

namespace preannotate::testing_support {

LedgerEntry drafted_class(const std::string& image, int category, double uncertainty,
                          size_t categories) {
  LedgerEntry entry;
  entry.sample = {image,    100,        80, {{category, 1 - uncertainty, {}, "d3f9a1c2e7b0"}},
                  "review", uncertainty};
  entry.sha256 = std::string(64, 'a');
  entry.status = "done";
  entry.scores.assign(categories, uncertainty / static_cast<double>(categories));
  entry.scores[static_cast<size_t>(category)] = 1 - uncertainty;
  return entry;
}

LedgerEntry drafted_boxes(const std::string& image, const std::vector<Label>& boxes) {
  LedgerEntry entry;
  entry.sample = {image, 100, 80, boxes, "review", 0.5};
  entry.sha256 = std::string(64, 'a');
  entry.status = "done";
  return entry;
}

Json class_answer(const std::string& reviewer, size_t item, int category) {
  const Json labels = Json::array({{{"category", category}}});
  const Json answer = {{"item", item}, {"action", "labels"}, {"labels", labels}, {"seconds", 1.5}};
  return {{"reviewer", reviewer}, {"answers", Json::array({answer})}};
}

Json skip(const std::string& reviewer, size_t item) {
  const Json answer = {{"item", item}, {"action", "skipped"}, {"seconds", 1}};
  return {{"reviewer", reviewer}, {"answers", Json::array({answer})}};
}

Json ask(const std::string& reviewer, size_t count, const std::string& mode,
         std::optional<int> category) {
  return {{"reviewer", reviewer},
          {"count", count},
          {"mode", mode},
          {"category", category ? Json(*category) : Json()},
          {"except", Json::array()}};
}

std::vector<std::string> images_of(const Json& reply) {
  std::vector<std::string> images;
  for (const Json& item : reply["items"]) images.push_back(item["image"]);
  return images;
}

std::vector<Answer> logged(const std::filesystem::path& drafts,
                           const std::vector<std::string>& categories) {
  return read_answer_log(drafts, categories).answers;
}

}  // namespace preannotate::testing_support
