#include "report_training.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "preannotate/core/text.h"
#include "report_charts.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

constexpr size_t kLeftOutListed = 100;

std::string on_images(const Json& entry) {
  const auto images = number(entry, "images");
  return images ? ", " + decimal(*images, 0) + " images" : "";
}

std::string feature_words(const Json& entry) {
  const std::string features = text(entry, "features");
  if (features == "embedding") return "Pooled embedding";
  if (features == "embedding+maps") return "Pooled embedding and the stride-16 and stride-32 maps";
  return features;
}

std::string shown(const std::optional<double>& value, int digits) {
  return or_dash(value, [&](double v) { return decimal(v, digits); });
}

std::string shown_percent(const std::optional<double>& value) {
  return or_dash(value, [](double v) { return percent(v); });
}

/// "blocks.5, blocks.6 and head"
std::string names_in(const Json& list) {
  std::vector<std::string> names;
  for (const auto& name : list.is_array() ? list : Json::array()) {
    if (name.is_string()) names.push_back(html_escape(name.get_ref<const std::string&>()));
  }
  std::string words;
  for (size_t i = 0; i < names.size(); ++i) {
    words += concat({i == 0 ? "" : i + 1 == names.size() ? " and " : ", ", names[i]});
  }
  return words;
}

std::string path_table(const Json& path) {
  std::string rows;
  for (const auto& point : path) {
    const auto lambda = number(point, "lambda"), error = number(point, "log_loss_error");
    rows +=
        concat({"<tr><td class=\"num\">", or_dash(lambda, [](double v) { return significant(v); }),
                "</td><td class=\"num\">", shown(number(point, "log_loss"), 4),
                error ? " ± " + decimal(*error, 4) : "", "</td><td class=\"num\">",
                shown_percent(number(point, "accuracy")), "</td></tr>\n"});
  }
  return concat(
      {"<details><summary>The same as a table</summary>",
       scrolling(
           "Penalty path",
           concat(
               {"<table class=\"slim\"><thead><tr><th scope=\"col\" class=\"num\">Lambda</th><th "
                "scope=\"col\" class=\"num\">Log-loss</th><th scope=\"col\" "
                "class=\"num\">Accuracy</th></tr></thead><tbody>",
                rows, "</tbody></table>"})),
       "</details>\n"});
}

std::string moved_rows(const Json& moved) {
  double most = 0;
  for (const auto& stage : moved) {
    most = std::max(most, number(stage, "relative_change").value_or(0));
  }
  std::string rows;
  for (const auto& stage : moved) {
    const auto change = number(stage, "relative_change");
    rows += concat({"<tr><th scope=\"row\">", text(stage, "stage"), "</th>",
                    bar_cell(most > 0 ? change.value_or(0) / most : 0,
                             or_dash(change, [](double v) { return percent(v, 2); })),
                    "</tr>\n"});
  }
  return rows;
}

}  // namespace

std::string advice_section(const Json& metrics) {
  const Json& advice = part(metrics, "advice");
  std::string items;
  for (const auto& sentence : advice.is_array() ? advice : Json::array()) {
    if (!sentence.is_string()) continue;
    items += concat({"<li>", html_escape(sentence.get_ref<const std::string&>()), "</li>\n"});
  }
  if (items.empty()) return "";
  return section("advice", "What to try next",
                 concat({"<ul class=\"advice\">\n", items, "</ul>\n"}));
}

std::string penalty_section(const Json& metrics) {
  const Json& head = part(metrics, "head");
  const Json& path = part(head, "path");
  const auto lambda = number(head, "lambda");
  const std::string chart = penalty_chart(path, lambda.value_or(0));
  if (chart.empty()) return "";
  return section("penalty", "How strongly the head is held back",
                 concat({"<figure class=\"chart\">", chart,
                         "<figcaption>Cross-validated log-loss for each penalty, with one standard "
                         "error either way. The least wins",
                         lambda ? ": lambda " + significant(*lambda) : "", ".",
                         "</figcaption></figure>\n", path_table(path)}));
}

std::string feature_section(const Json& metrics) {
  const Json& choice = part(metrics, "feature_choice");
  if (!choice.is_array() || choice.empty()) return "";
  std::string rows;
  for (const auto& entry : choice) {
    const Json& chosen = part(entry, "chosen");
    const bool is_chosen = chosen.is_boolean() && chosen.get<bool>();
    rows += concat(
        {is_chosen ? "<tr class=\"picked\">" : "<tr>", "<th scope=\"row\">", feature_words(entry),
         is_chosen ? " <mark>used</mark>" : "", "</th><td class=\"num\">",
         or_dash(number(entry, "imgsz"), [](double v) { return decimal(v, 0) + " px"; }),
         on_images(entry), "</td><td class=\"num\">", shown(number(entry, "log_loss"), 3),
         "</td><td class=\"num\">", shown_percent(number(entry, "accuracy")), "</td></tr>\n"});
  }
  return section(
      "features", "What the head reads",
      "<p>Cross-validated on the same folds; the least log-loss is best.</p>\n" +
          scrolling(
              "Features tried",
              concat({"<table><thead><tr><th scope=\"col\">Features</th><th scope=\"col\" "
                      "class=\"num\">Input</th><th scope=\"col\" class=\"num\">Log-loss</th><th "
                      "scope=\"col\" class=\"num\">Accuracy</th></tr></thead>\n<tbody>",
                      rows, "</tbody></table>"})));
}

std::string fine_tune_section(const Json& metrics) {
  const Json& tuning = part(metrics, "fine_tune");
  if (!tuning.is_object()) return "";
  const Json& kept = part(tuning, "kept");
  const bool is_kept = kept.is_boolean() && kept.get<bool>();
  const std::string stages = names_in(part(tuning, "stages"));
  const auto before = number(tuning, "log_loss_before"), after = number(tuning, "log_loss_after");
  const auto epochs = number(tuning, "epochs");
  std::string html = concat({"<p>", stages.empty() ? "The last stages" : stages, " trained",
                             epochs ? " for " + counted(*epochs, "epoch") : "", ". "});
  if (before && after) {
    html +=
        concat({"Held-out log-loss went from ", decimal(*before), " to ", decimal(*after), ". "});
  }
  const auto map_before = number(tuning, "map50_before"), map_after = number(tuning, "map50_after");
  if (map_before && map_after) {
    html += concat(
        {"Held-out AP50 went from ", decimal(*map_before), " to ", decimal(*map_after), ". "});
  }
  html += is_kept ? "<b>Kept</b>: the run uses the trained stages.</p>\n"
                  : "<b>Not kept</b>: the run uses the backbone as it was.</p>\n";
  const Json& moved = part(tuning, "weights_moved");
  if (moved.is_array() && !moved.empty()) {
    html += scrolling("How far the weights moved",
                      concat({"<table class=\"slim\"><thead><tr><th scope=\"col\">Stage</th><th "
                              "scope=\"col\">Weights "
                              "moved by</th></tr></thead>\n<tbody>",
                              moved_rows(moved), "</tbody></table>"}));
  }
  return section("fine-tune", "Fine-tuning of the backbone", html);
}

std::string data_section(const Json& metrics) {
  const Json& data = part(metrics, "data");
  const Json& classes = part(data, "per_class");
  if (!classes.is_object() || classes.empty()) return "";
  double most = 0;
  for (const auto& [name, count] : classes.items()) {
    most = std::max(most, number(classes, name).value_or(0));
  }
  std::string items;
  for (const auto& [name, count] : classes.items()) {
    const auto images = number(classes, name);
    items += concat({"<li>", bar(most > 0 ? images.value_or(0) / most : 0), "<span>",
                     html_escape(name), "</span><b>",
                     or_dash(images, [](double v) { return decimal(v, 0); }), "</b></li>\n"});
  }
  const auto images = number(data, "images");
  std::string html;
  if (images) {
    const auto objects = number(data, "objects");
    html = concat({"<p>", counted(*images, "labelled image"), ", ",
                   objects ? counted(*objects, "object") + ", " : "",
                   classes.size() == 1 ? "1 class" : std::to_string(classes.size()) + " classes",
                   objects ? ". Objects of each class:</p>\n" : ".</p>\n"});
  }
  return section("data", "The labelled images",
                 html + concat({"<ul class=\"counts\">\n", items, "</ul>\n"}));
}

std::string left_out_section(const Json& metrics) {
  const Json& left_out = part(part(metrics, "data"), "left_out");
  if (!left_out.is_array() || left_out.empty()) return "";
  std::string rows;
  for (size_t i = 0; i < std::min(left_out.size(), kLeftOutListed); ++i) {
    rows += concat({"<tr><th scope=\"row\" class=\"path\">", text(left_out[i], "image"),
                    "</th><td>", text(left_out[i], "reason"), "</td><td>",
                    text(left_out[i], "detail"), "</td></tr>\n"});
  }
  const auto count = static_cast<double>(left_out.size());
  std::string html = concat(
      {"<p>", counted(count, "image"), " could not be used.",
       left_out.size() > kLeftOutListed ? " The first 100 are listed; metrics.json names all." : "",
       "</p>\n"});
  html +=
      scrolling("Images left out", concat({"<table><thead><tr><th scope=\"col\">Image</th><th "
                                           "scope=\"col\">Reason</th><th scope=\"col\">What was "
                                           "found</th></tr></thead>\n<tbody>",
                                           rows, "</tbody></table>"}));
  return section("left-out", "Images left out", html);
}

}  // namespace preannotate::report
