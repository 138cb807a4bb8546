#include <nlohmann/json.hpp>

#include "preannotate/core/text.h"
#include "report_training.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

std::string row(std::string_view name, std::string_view value) {
  if (value.empty()) return "";
  return concat({"<dt>", name, "</dt><dd>", value, "</dd>\n"});
}

std::string size_words(const Json& size) {
  if (!size.is_array() || size.size() != 2 || !size[0].is_number() || !size[1].is_number())
    return "";
  return concat(
      {decimal(size[0].get<double>(), 0), " × ", decimal(size[1].get<double>(), 0), " px"});
}

/// "strides 8, 16, 32"
std::string stride_words(const Json& strides) {
  std::string words;
  for (const auto& stride : strides.is_array() ? strides : Json::array()) {
    if (!stride.is_number()) continue;
    words += (words.empty() ? "strides " : ", ") + decimal(stride.get<double>(), 0);
  }
  return words;
}

std::string detector_words(const Json& head) {
  std::string words = "detector";
  const std::string strides = stride_words(part(head, "strides"));
  if (!strides.empty()) words += ", " + strides;
  const std::string frame = size_words(part(head, "frame"));
  if (!frame.empty()) words += ", frame " + frame;
  if (const auto n = number(head, "channels")) words += ", " + counted(*n, "channel");
  if (const auto n = number(head, "weights")) words += ", " + counted(*n, "weight");
  if (const auto n = number(head, "views")) words += ", " + counted(*n, "view") + " of each image";
  if (const auto n = number(head, "steps")) words += ", " + counted(*n, "step");
  if (const auto n = number(head, "batch")) words += " of " + counted(*n, "image");
  return words;
}

std::string head_words(const Json& head) {
  if (!head.is_object()) return "";
  if (text(head, "kind") == "detector") return detector_words(head);
  std::string words = text(head, "features");
  if (const auto n = number(head, "dimension")) words += ", " + counted(*n, "feature");
  if (const auto lambda = number(head, "lambda")) words += ", lambda " + significant(*lambda);
  const Json& balanced = part(head, "balanced");
  if (balanced.is_boolean() && balanced.get<bool>()) words += ", classes weighted by rarity";
  return words;
}

std::string view_words(const Json& head) {
  const std::string augment = text(head, "augment");
  if (augment.empty()) return "";
  const auto views = number(head, "views");
  return augment + (views ? ", " + counted(*views, "view") + " of each image" : "");
}

std::string time_words(const Json& time) {
  std::string words;
  const auto total = number(time, "total_s"), features = number(time, "features_s");
  const auto head = number(time, "head_s"), rate = number(time, "images_per_s");
  if (total) words = human_seconds(*total) + " in all";
  if (features) words += ", features " + human_seconds(*features);
  if (head) words += ", head " + human_seconds(*head);
  if (rate) words += ", " + decimal(*rate, *rate < 10 ? 1 : 0) + " images/s";
  return words.starts_with(", ") ? words.substr(2) : words;
}

}  // namespace

std::string provenance(const Json& metrics) {
  const Json& backbone = part(metrics, "backbone");
  const Json& head = part(metrics, "head");
  const Json& data = part(metrics, "data");
  std::string rows = row("Data", text(data, "path"));
  rows += row("Data SHA-256", text(data, "sha256"));
  rows += row("Model", text(metrics, "model_version"));
  rows += row("Backbone", text(backbone, "name"));
  rows += row("Backbone SHA-256", text(backbone, "sha256"));
  rows += row("Input", size_words(part(backbone, "input_size")));
  rows += row("Head", head_words(head));
  rows += row("Views", view_words(head));
  rows += row("Time", time_words(part(metrics, "time")));
  rows += row("Written by", "preannotate " + text(metrics, "tool_version"));
  return concat({"<footer><h2>Where this comes from</h2>\n<dl>\n", rows,
                 "</dl>\n<p>The same figures, for programs: metrics.json.</p></footer>\n"});
}

}  // namespace preannotate::report
