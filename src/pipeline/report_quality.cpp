#include "report_quality.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "preannotate/core/text.h"
#include "report_charts.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

constexpr size_t kLargestMatrix = 30;       // classes; above, cells get too small to read
constexpr size_t kRoomy = 12, kDense = 20;  // large cells up to, small ones above
constexpr size_t kListed = 20;              // confusions listed instead

struct Confusion {
  size_t truth, predicted;
  long items;
};

/// metrics.json's confusion, [true][predicted]; empty unless square and of whole numbers.
std::vector<std::vector<long>> matrix_of(const Json& validation) {
  std::vector<std::vector<long>> matrix;
  const Json& json = part(validation, "confusion");
  for (const auto& row : json.is_array() ? json : Json::array()) {
    if (!row.is_array() || row.size() != json.size()) return {};
    matrix.emplace_back();
    for (const auto& cell : row) {
      if (!cell.is_number_integer()) return {};
      matrix.back().push_back(cell.get<long>());
    }
  }
  return matrix;
}

std::string class_name(const Json& metrics, size_t index) {
  const Json& names = part(metrics, "classes");
  if (names.is_array() && index < names.size() && names[index].is_string()) {
    return html_escape(names[index].get_ref<const std::string&>());
  }
  return "class " + std::to_string(index);
}

/// Mistakes by how often they were made.
std::vector<Confusion> confusions(const std::vector<std::vector<long>>& matrix) {
  std::vector<Confusion> list;
  for (size_t t = 0; t < matrix.size(); ++t) {
    for (size_t p = 0; p < matrix.size(); ++p) {
      if (t != p && matrix[t][p] > 0) list.push_back({t, p, matrix[t][p]});
    }
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& a, const auto& b) { return a.items > b.items; });
  return list;
}

/// Items of class `t`, also those without a prediction, which no column of the matrix counts.
long support_of(const Json& validation, const std::vector<std::vector<long>>& matrix, size_t t) {
  long items = 0;
  for (const long cell : matrix[t]) items += cell;
  const Json& classes = part(validation, "per_class");
  if (!classes.is_array() || classes.size() != matrix.size()) return items;
  return std::max(items, std::lround(number(classes[t], "support").value_or(0)));
}

std::string cell(long items, long of, bool right) {
  if (items == 0) return "<td class=\"nil\">·</td>";
  const double share = of > 0 ? static_cast<double>(items) / static_cast<double>(of) : 0;
  // The square root keeps a single mistake visible.
  return concat({"<td class=\"", right ? "hit" : "miss", "\" style=\"--s:",
                 decimal(std::sqrt(share), 2), "\">", std::to_string(items), "</td>"});
}

std::string matrix_table(const Json& metrics, const std::vector<std::vector<long>>& matrix) {
  const Json& validation = part(metrics, "validation");
  std::vector<long> support, missing;
  for (size_t t = 0; t < matrix.size(); ++t) {
    support.push_back(support_of(validation, matrix, t));
    missing.push_back(support[t]);
    for (const long items : matrix[t]) missing[t] -= items;
  }
  const bool some_missing =
      std::any_of(missing.begin(), missing.end(), [](long n) { return n > 0; });

  std::string head = "<tr><td></td>", body;
  for (size_t p = 0; p < matrix.size(); ++p) {
    head += concat({"<th scope=\"col\"><span>", class_name(metrics, p), "</span></th>"});
  }
  if (some_missing) head += "<th scope=\"col\"><span>no draft</span></th>";
  for (size_t t = 0; t < matrix.size(); ++t) {
    const std::string name = class_name(metrics, t);
    body += concat({"<tr><th scope=\"row\" title=\"", name, "\">", name, "</th>"});
    for (size_t p = 0; p < matrix.size(); ++p) body += cell(matrix[t][p], support[t], t == p);
    if (some_missing) body += cell(missing[t], support[t], false);
    body += "</tr>\n";
  }
  return scrolling("Confusion matrix", concat({"<table class=\"matrix",
                                               matrix.size() <= kRoomy  ? " roomy"
                                               : matrix.size() > kDense ? " dense"
                                                                        : "",
                                               "\"><thead>", head, "</tr></thead>\n<tbody>", body,
                                               "</tbody></table>"}));
}

std::string confusion_list(const Json& metrics, const std::vector<std::vector<long>>& matrix,
                           const std::vector<Confusion>& list) {
  const Json& validation = part(metrics, "validation");
  std::string rows;
  for (size_t i = 0; i < std::min(list.size(), kListed); ++i) {
    const auto& [truth, predicted, items] = list[i];
    const auto support = static_cast<double>(support_of(validation, matrix, truth));
    const double share = support > 0 ? static_cast<double>(items) / support : 0;
    rows += concat({"<tr><th scope=\"row\">", class_name(metrics, truth), "</th><td>",
                    class_name(metrics, predicted), "</td><td class=\"num\">",
                    std::to_string(items), "</td>", bar_cell(share, percent(share)), "</tr>\n"});
  }
  return scrolling(
      "Most frequent confusions",
      concat({"<table><thead><tr><th scope=\"col\">Class</th><th scope=\"col\">Taken "
              "for</th><th scope=\"col\" class=\"num\">Images</th><th scope=\"col\">Of "
              "the class</th></tr></thead>\n<tbody>",
              rows, "</tbody></table>"}));
}

/// "shirt (4)": what class `t` is taken for most often.
std::string most_taken_for(const Json& metrics, const std::vector<std::vector<long>>& matrix,
                           size_t t) {
  size_t best = t;
  for (size_t p = 0; p < matrix.size(); ++p) {
    if (p != t && matrix[t][p] > 0 && (best == t || matrix[t][p] > matrix[t][best])) best = p;
  }
  if (best == t) return "";
  return concat(
      {class_name(metrics, best), " <small>×", std::to_string(matrix[t][best]), "</small>"});
}

struct ClassRow {
  const Json* figures;
  size_t index;
};

/// Weakest first; classes that no image was judged on come last.
std::vector<ClassRow> weakest_first(const Json& classes) {
  std::vector<ClassRow> rows;
  for (const auto& figures : classes) rows.push_back({&figures, rows.size()});
  const auto rank = [](const ClassRow& row) {
    const bool judged = number(*row.figures, "support").value_or(0) > 0;
    return judged ? number(*row.figures, "f1").value_or(0) : 2.0;
  };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return rows;
}

std::string class_row(const Json& metrics, const ClassRow& row, bool with_precision_average,
                      const std::vector<std::vector<long>>& matrix) {
  const Json& figures = *row.figures;
  const auto support = number(figures, "support");
  const auto f1 = number(support.value_or(0) > 0 ? figures : Json(), "f1");
  const auto share = [](double value) { return percent(value); };
  std::string html =
      concat({"<tr><th scope=\"row\">", text(figures, "name"), "</th><td class=\"num\">",
              or_dash(support, [](double n) { return decimal(n, 0); }), "</td>",
              bar_cell(f1.value_or(0), or_dash(f1, [](double v) { return decimal(v, 2); })),
              "<td class=\"num\">", or_dash(number(figures, "recall"), share),
              "</td><td class=\"num\">", or_dash(number(figures, "precision"), share), "</td>"});
  if (with_precision_average) {
    html += concat(
        {"<td class=\"num\">",
         or_dash(number(figures, "average_precision"), [](double v) { return decimal(v, 3); }),
         "</td>"});
  }
  if (!matrix.empty()) {
    html += concat({"<td>", most_taken_for(metrics, matrix, row.index), "</td>"});
  }
  return html + "</tr>\n";
}

/// "It is 0.036; on so few decisions a perfectly calibrated model shows 0.031 and up to 0.052 ..."
std::string calibration_verdict(const Json& validation) {
  const auto error = number(part(validation, "ece"), "value");
  const Json& calibrated = part(validation, "ece_if_calibrated");
  const auto mean = number(calibrated, "mean"), high = number(calibrated, "high");
  const auto items = number(validation, "items");
  if (!error || !mean || !high || !items) return "";
  const bool visible = *error > *high;
  return concat(
      {" It is <b>", decimal(*error), "</b>; a perfectly calibrated model shows ", decimal(*mean),
       " on ", counted(*items, "image"), " (in 95 of 100 cases below ", decimal(*high),
       "): ", visible ? "the scores are off by more than chance explains." : "nothing to see."});
}

}  // namespace

std::string per_class_section(const Json& metrics) {
  const Json& validation = part(metrics, "validation");
  const Json& classes = part(validation, "per_class");
  if (!classes.is_array() || classes.empty()) return "";
  auto matrix = matrix_of(validation);
  if (matrix.size() != classes.size()) matrix.clear();
  const bool average = std::any_of(classes.begin(), classes.end(), [](const auto& figures) {
    return figures.is_object() && figures.contains("average_precision");
  });
  std::string rows;
  for (const auto& row : weakest_first(classes)) rows += class_row(metrics, row, average, matrix);
  const std::string table = concat(
      {"<table><thead><tr><th scope=\"col\">Class</th><th scope=\"col\" class=\"num\">Images</th>"
       "<th scope=\"col\">F1</th><th scope=\"col\" class=\"num\">Found</th>"
       "<th scope=\"col\" class=\"num\">Right</th>",
       average ? "<th scope=\"col\" class=\"num\">AP</th>" : "",
       matrix.empty() ? "" : "<th scope=\"col\">Most taken for</th>", "</tr></thead>\n<tbody>",
       rows, "</tbody></table>"});
  return section("classes", "Each class, weakest first",
                 "<p>Found (recall): of the images of the class, the share that got its label. "
                 "Right (precision): of the predictions of the class, the share that is right. "
                 "F1 joins the two.</p>\n" +
                     scrolling("Figures of each class", table));
}

std::string confusion_section(const Json& metrics) {
  const auto matrix = matrix_of(part(metrics, "validation"));
  if (matrix.empty()) return "";
  const auto list = confusions(matrix);
  std::string html;
  if (!list.empty()) {
    const auto& [truth, predicted, items] = list.front();
    html += concat({"<p>Most frequent: <b>", class_name(metrics, truth), "</b> taken for <b>",
                    class_name(metrics, predicted), "</b>, ",
                    counted(static_cast<double>(items), "time"), ".</p>\n"});
  } else {
    html += "<p>No class was taken for another.</p>\n";
  }
  if (matrix.size() <= kLargestMatrix) {
    html += "<p class=\"hint\">Rows: what the labels say. Columns: what was predicted.</p>\n" +
            matrix_table(metrics, matrix);
  } else if (!list.empty()) {
    html += concat({"<p class=\"hint\">The most frequent of ",
                    counted(static_cast<double>(list.size()), "confused pair"),
                    "; metrics.json has the whole matrix.</p>\n",
                    confusion_list(metrics, matrix, list)});
  }
  return section("confusion", "What is taken for what", html);
}

std::string calibration_section(const Json& metrics) {
  const Json& validation = part(metrics, "validation");
  const std::string chart = reliability_chart(part(validation, "reliability"));
  if (chart.empty()) return "";
  std::string words =
      "A score of 80 % should be right 8 times in 10. Bars that reach the dashed line keep what "
      "the "
      "scores promise; bars below it promise too much; pale bars rest on few items. The "
      "calibration "
      "error (ECE) is the mean distance from the line.";
  words += calibration_verdict(validation);
  if (const auto temperature = number(validation, "temperature")) {
    words += concat(
        {" Logits were divided by a temperature of ", decimal(*temperature, 2), " to get there."});
  }
  return section("calibration", "Can the scores be trusted?",
                 concat({"<figure class=\"chart\">", chart, "<figcaption>", words,
                         "</figcaption></figure>\n"}));
}

}  // namespace preannotate::report
