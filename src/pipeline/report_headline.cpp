#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "preannotate/core/text.h"
#include "report_quality.h"
#include "report_values.h"

namespace preannotate::report {

std::string unbroken(std::string_view words) {
  return concat({"<span class=\"nowrap\">", words, "</span>"});
}

std::string tile(std::string_view name, std::string_view value, std::string_view note) {
  return concat({"<div class=\"tile\"><dt>", name, "</dt><dd><b>", value, "</b><small>", note,
                 "</small></dd></div>\n"});
}

namespace {

/// "75.4-84.5" (percent) with an en dash, or "" when either end is absent.
std::string range(const Json& interval) {
  const auto low = number(interval, "low"), high = number(interval, "high");
  if (!low || !high) return "";
  return concat({decimal(100 * *low, 1), "–", decimal(100 * *high, 1)});
}

bool drafts_were_judged(const Json& validation) {
  return text(validation, "method") == "labelled data";
}

/// The figure that the headline is about, with what it counts.
const Json& main_figure(const Json& validation) {
  const Json& accuracy = part(validation, "accuracy");
  return accuracy.is_object() ? accuracy : part(validation, "exact_match");
}

/// "Expect to correct about 16 to 25 of every 100 drafts, if new images are like these."
std::string outlook(const Json& validation) {
  const Json& figure = main_figure(validation);
  const auto low = number(figure, "low"), high = number(figure, "high");
  if (!low || !high || drafts_were_judged(validation)) return "";
  const std::string least = decimal(std::floor(100 * (1 - *high) + 0.5), 0);
  const std::string most = decimal(std::floor(100 * (1 - *low) + 0.5), 0);
  return concat({"Expect to correct about ", least == most ? "" : least + " to ", most,
                 " of every 100 drafts, if new images are like these."});
}

/// "no class has two images" -> "No class has two images."
std::string as_sentence(std::string words) {
  if (words.empty()) return "No labelled images were left to judge by.";
  if (words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words.ends_with('.') ? words : words + ".";
}

std::string plain_tile(const Json& validation, std::string_view key, std::string_view name,
                       std::string_view note) {
  const auto value = number(validation, key);
  return value ? tile(name, decimal(*value), note) : "";
}

std::string share_tile(const Json& validation, std::string_view key, std::string_view name) {
  const Json& figure = part(validation, key);
  const auto value = number(figure, "value");
  if (!value) return "";
  const std::string ends = range(figure);
  return tile(name, percent(*value), ends.empty() ? "" : "95 % interval " + unbroken(ends));
}

std::string calibration_tile(const Json& validation) {
  const Json& figure = part(validation, "ece");
  const auto value = number(figure, "value");
  if (!value) return "";
  const auto before = number(validation, "ece_before_calibration");
  const std::string ends = range(figure);
  std::string note = ends.empty() ? "" : "95 % interval " + unbroken(ends);
  if (before) note += (note.empty() ? "" : "; ") + unbroken(percent(*before)) + " uncalibrated";
  return tile("Calibration error", percent(*value), note);
}

/// "0 is perfect, 2 is the worst; 95 % interval 0.236-0.344".
std::string brier_note(const Json& validation) {
  const Json& interval = part(validation, "brier_interval");
  const auto low = number(interval, "low"), high = number(interval, "high");
  const std::string note = "0 is perfect, 2 is the worst";
  if (!low || !high) return note;
  return concat({note, "; 95 % interval ", unbroken(concat({decimal(*low), "–", decimal(*high)}))});
}

}  // namespace

std::string how_measured(const Json& validation) {
  const std::string method = text(validation, "method");
  if (method.empty()) return "";
  if (method == "labelled data") return "The drafts were compared with labels given by people.";
  if (method.find("out-of-fold") != std::string::npos) {
    return concat(
        {"Cross-validation: each image was judged by a head trained without it (", method, ")."});
  }
  if (method.find("hold-out") != std::string::npos) {
    return concat({"The images judged were set aside and never trained on (", method, ")."});
  }
  return concat({"Measured by ", method, "."});
}

std::string headline_words(const Json& metrics) {
  const Json& validation = part(metrics, "validation");
  const Json& figure = main_figure(validation);
  const auto value = number(figure, "value"), items = number(validation, "items");
  if (!value || !items || *items < 1) return "No quality estimate";
  const bool single = part(validation, "accuracy").is_object();
  const std::string images =
      counted(*items, drafts_were_judged(validation) ? "labelled image" : "held-out image");
  if (!single) return concat({"All labels are right on ", percent(*value), " of ", images});
  if (drafts_were_judged(validation)) {
    return concat({percent(*value), " of ", images, " got the right draft"});
  }
  return concat({percent(*value), " of ", counted(*items, "held-out prediction"),
                 *items == 1 ? " is right" : " are right"});
}

std::string no_estimate(const Json& metrics) {
  return concat({"<h1>No quality estimate</h1>\n<p class=\"lede\">",
                 as_sentence(text(metrics, "validation_reason")),
                 " How good the drafts are is not known: check a sample of them before use."
                 "</p>\n"});
}

std::string headline(const Json& metrics) {
  const Json& validation = part(metrics, "validation");
  const std::string words = headline_words(metrics);
  if (words == "No quality estimate") return no_estimate(metrics);
  const std::string ends = range(main_figure(validation));
  std::string html = concat({"<h1>", words});
  if (!ends.empty())
    html += concat({" <span class=\"interval\">(95 % interval ", ends, ")</span>"});
  html += concat(
      {"</h1>\n<p class=\"lede\">", how_measured(validation), " ", outlook(validation), "</p>\n"});
  return html;
}

std::string key_figures(const Json& metrics) {
  const Json& validation = part(metrics, "validation");
  if (!number(validation, "items").value_or(0)) return "";
  std::string tiles = share_tile(validation, "accuracy", "Accuracy");
  tiles += share_tile(validation, "exact_match", "All labels right");
  tiles += plain_tile(validation, "map", "mAP", "mean average precision over the classes");
  tiles += plain_tile(validation, "micro_f1", "Micro F1", "every label counts the same");
  tiles += plain_tile(validation, "macro_f1", "Macro F1", "every class counts the same");
  tiles += calibration_tile(validation);
  tiles += plain_tile(validation, "log_loss", "Log-loss", "0 is perfect; punishes sure mistakes");
  tiles += plain_tile(validation, "brier", "Brier score", brier_note(validation));
  if (tiles.empty()) return "";
  return concat({"<dl class=\"tiles\">\n", tiles, "</dl>\n"});
}

}  // namespace preannotate::report
