#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "report_charts.h"
#include "report_detection.h"
#include "report_detection_charts.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

constexpr size_t kMostCurves = 24;

std::string figure(std::string_view chart, std::string_view caption) {
  if (chart.empty()) return "";
  return concat(
      {"<figure class=\"chart\">", chart, "<figcaption>", caption, "</figcaption></figure>\n"});
}

std::string cell(const Json& entry, std::string_view key, int digits) {
  return concat({"<td class=\"num\">",
                 or_dash(number(entry, key), [&](double v) { return decimal(v, digits); }),
                 "</td>"});
}

/// A count, grey when it is 0.
std::string count_cell(const Json& entry, std::string_view key) {
  const auto count = number(entry, key);
  return concat({count == 0.0 ? "<td class=\"num nil\">" : "<td class=\"num\">",
                 or_dash(count, [](double v) { return decimal(v, 0); }), "</td>"});
}

std::string share_cell(const Json& entry, std::string_view key) {
  return concat({"<td class=\"num\">",
                 or_dash(number(entry, key), [](double v) { return percent(v, 0); }), "</td>"});
}

/// Lowest AP50 first; classes without an object come last.
std::vector<const Json*> weakest_first(const Json& classes) {
  std::vector<const Json*> list;
  if (!classes.is_array()) return list;
  for (const auto& entry : classes) list.push_back(&entry);
  std::stable_sort(list.begin(), list.end(), [](const Json* a, const Json* b) {
    return number(*a, "map50").value_or(2) < number(*b, "map50").value_or(2);
  });
  return list;
}

std::string class_row(const Json& entry) {
  const auto found = number(entry, "map50");
  std::string html = concat({"<tr><th scope=\"row\">", text(entry, "name"), "</th>"});
  html += count_cell(entry, "objects");
  html += bar_cell(found.value_or(0), or_dash(found, [](double v) { return decimal(v); }));
  html += cell(entry, "map", 3) + cell(entry, "conf", 2);
  html += share_cell(entry, "precision") + share_cell(entry, "recall");
  for (const char* key : {"right", "badly_placed", "swapped", "missed", "false_boxes"}) {
    html += count_cell(entry, key);
  }
  return html + "</tr>\n";
}

const Json& curve_of(const Json& curves, const Json& entry) {
  static const Json absent;
  if (!curves.is_array()) return absent;
  for (const auto& curve : curves) {
    const std::string name = text(curve, "name");
    if (!name.empty() && name == text(entry, "name")) return curve;
  }
  return absent;
}

std::string size_row(const Json& validation, const char* name, const char* pixels,
                     const std::string& key) {
  return concat({"<tr><th scope=\"row\">", name, " <small>", pixels, "</small></th>",
                 cell(validation, "map_" + key, 3), cell(validation, "ar_" + key, 3), "</tr>\n"});
}

}  // namespace

std::string effort_section(const Json& metrics) {
  return section(
      "effort", "Which drafts are worth showing",
      figure(effort_chart(part(metrics, "validation")),
             "Seconds a person needs to correct an image when only drafts from a score on are "
             "shown: left of the lowest point false boxes have to be deleted, right of it missed "
             "ones have to be drawn. Each class has its own score where that saves time; the mark "
             "spans them. Drafts are shown from there on unless <code>--conf</code> says "
             "otherwise."));
}

std::string box_class_section(const Json& metrics) {
  std::string rows;
  for (const Json* entry : weakest_first(part(part(metrics, "validation"), "per_class"))) {
    rows += class_row(*entry);
  }
  if (rows.empty()) return "";
  std::string head =
      "<th scope=\"col\">Class</th><th scope=\"col\" class=\"num\">Objects</th>"
      "<th scope=\"col\">AP50</th>";
  for (const char* name : {"AP", "conf", "Precision", "Recall", "Right", "Badly placed", "Swapped",
                           "Missed", "False"}) {
    head += concat({"<th scope=\"col\" class=\"num\">", name, "</th>"});
  }
  return section(
      "classes", "Each class, weakest first",
      "<p>Precision and recall are those of the drafts shown, from <i>conf</i> on, at IoU 0.5. "
      "Right: IoU 0.7 or more, nothing to do. Badly placed: IoU 0.5 to 0.7, edges to move. "
      "Swapped: the box fits, the class is wrong. Missed: to draw. False: to delete.</p>\n" +
          scrolling("Figures of each class",
                    concat({"<table class=\"boxes\"><thead><tr>", head, "</tr></thead>\n<tbody>",
                            rows, "</tbody></table>"})));
}

std::string precision_recall_section(const Json& metrics) {
  const Json& validation = part(metrics, "validation");
  std::string figures;
  size_t shown = 0, all = 0;
  for (const Json* entry : weakest_first(part(validation, "per_class"))) {
    const Json& curve = curve_of(part(validation, "curves"), *entry);
    const std::string chart = precision_recall_chart(curve, *entry);
    if (chart.empty() || ++all > kMostCurves) continue;
    ++shown;
    const auto found = number(*entry, "map50");
    figures += concat({"<figure>", chart, "<figcaption><b>", text(*entry, "name"), "</b>",
                       found ? " AP50 " + decimal(*found) : "", "</figcaption></figure>\n"});
  }
  if (figures.empty()) return "";
  return section(
      "curves", "Precision against recall",
      concat({"<p>Up: of the drafts of the class, the share that is right (IoU 0.5), in %. Right: "
              "of its objects, the share found, in %. The mark is what <i>conf</i> shows.",
              shown < all ? concat({" The ", std::to_string(shown), " weakest of ",
                                    std::to_string(all), " classes; metrics.json has all."})
                          : "",
              "</p>\n<div class=\"curves\">\n", figures, "</div>\n"}));
}

std::string box_calibration_section(const Json& metrics) {
  const Json& validation = part(metrics, "validation");
  std::string words =
      "A box with score 80 % should be right 8 times in 10 at IoU 0.5. Bars that reach the dashed "
      "line keep what the scores promise; pale bars rest on few boxes.";
  const auto told = [&](const std::string& key, std::string_view name) {
    const auto value = number(validation, key);
    const auto before = number(validation, key + "_before_calibration");
    if (!value) return;
    words += concat({" ", name, " ", decimal(*value),
                     before ? ", before calibration " + decimal(*before) : "", "."});
  };
  told("d_ece", "Mean distance from the line (D-ECE)");
  told("la_ece", "Against the IoU of the boxes (LaECE)");
  return section("calibration", "Can the scores be trusted?",
                 figure(reliability_chart(part(validation, "reliability")), words));
}

std::string size_section(const Json& metrics) {
  const Json& validation = part(metrics, "validation");
  constexpr const char* kSizes[]{"map_small", "map_medium", "map_large"};
  const bool known = std::any_of(std::begin(kSizes), std::end(kSizes), [&](const char* key) {
    return number(validation, key).has_value();
  });
  if (!known) return "";
  const std::string rows = size_row(validation, "Small", "to 32 × 32 px", "small") +
                           size_row(validation, "Medium", "to 96 × 96 px", "medium") +
                           size_row(validation, "Large", "above", "large");
  return section("sizes", "By size of the object",
                 scrolling("Figures by size",
                           concat({"<table class=\"slim\"><thead><tr><th scope=\"col\">Area"
                                   "</th><th scope=\"col\" class=\"num\">AP</th><th scope=\"col\" "
                                   "class=\"num\">AR</th></tr></thead>\n<tbody>",
                                   rows, "</tbody></table>"})));
}

std::string training_curve_section(const Json& metrics) {
  const Json& training = part(metrics, "training");
  const auto chosen = number(training, "chosen_step");
  return section(
      "training", "How training went",
      figure(training_chart(training),
             concat({"AP50 on held-out images, and the loss, after each number of steps.",
                     chosen ? concat({" The head of step ", decimal(*chosen, 0), " is used."})
                            : ""})));
}

}  // namespace preannotate::report
