#include "report_rank.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "preannotate/core/text.h"
#include "report_quality.h"
#include "report_rank_chart.h"
#include "report_style.h"
#include "report_training.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

const Json& list_of(const Json& object, std::string_view key) {
  static const Json empty = Json::array();
  const Json& list = part(object, key);
  return list.is_array() ? list : empty;
}

std::string shown(const std::optional<double>& value, int digits) {
  return or_dash(value, [&](double v) { return decimal(v, digits); });
}

/// "80.5–88.6", or "" when an end is absent; `scale` 100 for percent.
std::string ends(const Json& interval, double scale, int digits) {
  const auto low = number(interval, "low"), high = number(interval, "high");
  if (!low || !high) return "";
  return concat({decimal(scale * *low, digits), " to ", decimal(scale * *high, digits)});
}

/// Share of items that are all right, whatever the task calls it.
const Json& right_share(const Json& backbone) {
  const Json& accuracy = part(backbone, "accuracy");
  return accuracy.is_object() ? accuracy : part(backbone, "exact_match");
}

std::string_view right_name(const Json& ranking) {
  return text(ranking, "task") == "multilabel" ? "All labels right" : "Accuracy";
}

std::string millions(const std::optional<double>& count) {
  return or_dash(count, [](double n) { return decimal(n / 1e6, 1) + " M"; });
}

std::string megabytes(const std::optional<double>& bytes) {
  return or_dash(bytes, [](double n) { return decimal(n / 1e6, 1); });
}

std::string rate(const std::optional<double>& images_per_s) {
  return or_dash(images_per_s, [](double n) { return decimal(n, n < 10 ? 1 : 0); });
}

const Json& chosen(const Json& ranking) {
  const std::string name = text(part(ranking, "recommendation"), "name");
  for (const auto& backbone : list_of(ranking, "backbones")) {
    if (text(backbone, "name") == name) return backbone;
  }
  return part(ranking, "");
}

std::string key_tiles(const Json& ranking) {
  const Json& pick = chosen(ranking);
  const Json& right = right_share(pick);
  std::string tiles;
  if (const auto value = number(right, "value")) {
    tiles += tile(right_name(ranking), percent(*value),
                  "95 % interval " + unbroken(ends(right, 100, 1)));
  }
  if (const auto value = number(pick, "map")) tiles += tile("mAP", decimal(*value), "over classes");
  if (const auto value = number(pick, "log_loss")) {
    tiles += tile("Log-loss", decimal(*value), "0 is perfect; punishes sure mistakes");
  }
  if (const auto value = number(pick, "images_per_s")) {
    tiles += tile("Speed", rate(value) + " images/s", "from files to features, on this machine");
  }
  if (const auto value = number(pick, "bytes")) {
    tiles +=
        tile("File", megabytes(value) + " MB", millions(number(pick, "parameters")) + " weights");
  }
  return tiles.empty() ? "" : concat({"<dl class=\"tiles\">\n", tiles, "</dl>\n"});
}

std::string header_cell(std::string_view words, bool numeric) {
  return concat({"<th scope=\"col\"", numeric ? " class=\"num\"" : "", ">", words, "</th>"});
}

std::string number_cell(std::string_view content) {
  return concat({"<td class=\"num\">", content, "</td>"});
}

std::string figure_row(const Json& ranking, const Json& backbone, bool several, bool boxes) {
  const bool picked = text(backbone, "name") == text(part(ranking, "recommendation"), "name");
  const Json& right = right_share(backbone);
  const auto share = number(right, "value");
  std::string row = concat(
      {picked ? "<tr class=\"picked\">" : "<tr>", "<th scope=\"row\">", text(backbone, "name"),
       picked ? " <mark>use this</mark>" : "", "</th>",
       number_cell(shown(number(backbone, "log_loss"), 3)),
       bar_cell(share.value_or(0), unbroken(or_dash(share, [](double v) { return percent(v); }) +
                                            " (" + ends(right, 100, 1) + ")"))});
  if (several) row += number_cell(shown(number(backbone, "map"), 3));
  if (boxes) row += number_cell(shown(number(backbone, "map50"), 3));
  row += number_cell(shown(number(backbone, "log_me"), 3));
  row += number_cell(rate(number(backbone, "images_per_s")));
  row += number_cell(megabytes(number(backbone, "bytes")));
  row += number_cell(millions(number(backbone, "parameters")));
  row += number_cell(shown(number(backbone, "input_side"), 0));
  row += number_cell(shown(number(backbone, "dimension"), 0));
  return row + "</tr>\n";
}

std::string figures_section(const Json& ranking) {
  const Json& backbones = list_of(ranking, "backbones");
  bool several = false, boxes = false;
  for (const auto& backbone : backbones) {
    several = several || number(backbone, "map");
    boxes = boxes || number(backbone, "map50");
  }
  std::string rows;
  for (const auto& backbone : backbones) rows += figure_row(ranking, backbone, several, boxes);
  if (rows.empty()) return "";
  std::string head = header_cell("Backbone", false) + header_cell("Log-loss", true) +
                     header_cell(concat({right_name(ranking), ", 95 % interval"}), false);
  if (several) head += header_cell("mAP", true);
  if (boxes) head += header_cell("AP50", true);
  for (const char* words : {"LogME", "Images/s", "MB", "Weights", "Side, px", "Features"}) {
    head += header_cell(words, true);
  }
  return section(
      "figures", "All that were tried, least log-loss first",
      scrolling("Backbones", concat({"<table><thead><tr>", head, "</tr></thead>\n<tbody>", rows,
                                     "</tbody></table>"})));
}

std::string difference_row(const Json& backbone) {
  const Json& against = part(backbone, "against_best");
  const Json& loss = part(against, "log_loss");
  const Json& right = part(against, "right");
  const Json& beyond = part(against, "beyond_noise");
  const bool worse = beyond.is_boolean() && beyond.get<bool>();
  const auto points = number(right, "value");
  return concat({"<tr><th scope=\"row\">", text(backbone, "name"), "</th>",
                 number_cell(shown(number(loss, "value"), 3)), number_cell(ends(loss, 1, 3)),
                 number_cell(or_dash(points, [](double v) { return decimal(100 * v, 1); })),
                 number_cell(ends(right, 100, 1)), "<td>", worse ? "worse" : "within the noise",
                 "</td></tr>\n"});
}

std::string difference_section(const Json& ranking) {
  const Json& backbones = list_of(ranking, "backbones");
  if (backbones.size() < 2) return "";
  std::string rows;
  for (size_t i = 1; i < backbones.size(); ++i) rows += difference_row(backbones[i]);
  std::string head = header_cell("Backbone", false);
  const std::string points = concat({right_name(ranking), ", points"});
  for (const std::string_view words :
       {std::string_view("Log-loss"), std::string_view("95 % interval"), std::string_view(points),
        std::string_view("95 % interval")}) {
    head += header_cell(words, true);
  }
  head += header_cell("Log-loss is", false);
  return section(
      "differences", "How far from the best",
      concat({"<p>Less ", text(backbones[0], "name"),
              ", on the same images: a paired bootstrap over images.</p>\n",
              scrolling("Differences", concat({"<table><thead><tr>", head, "</tr></thead>\n<tbody>",
                                               rows, "</tbody></table>"}))}));
}

std::string failed_section(const Json& ranking) {
  std::string rows;
  for (const auto& failed : list_of(ranking, "failed")) {
    rows += concat({"<tr><th scope=\"row\" class=\"path\">", text(failed, "file"), "</th><td>",
                    text(failed, "reason"), "</td></tr>\n"});
  }
  if (rows.empty()) return "";
  return section("failed", "Backbones that could not be used",
                 scrolling("Backbones left out",
                           concat({"<table><thead><tr>", header_cell("File", false),
                                   header_cell("Reason", false), "</tr></thead>\n<tbody>", rows,
                                   "</tbody></table>"})));
}

std::string chart_section(const Json& ranking) {
  const std::string chart = rank_chart(list_of(ranking, "backbones"));
  if (chart.empty()) return "";
  return section(
      "chart", "Speed against log-loss",
      concat({"<figure class=\"chart\">", chart,
              "<figcaption>Lower is better, further right is faster.</figcaption></figure>\n"}));
}

std::string method_section(const Json& ranking) {
  const Json& data = part(ranking, "data");
  const bool boxes = text(ranking, "task") == "detect";
  const auto items = number(data, "items"), images = number(data, "images");
  if (!items || !images) return "";
  std::string words =
      "<p>Every backbone stayed frozen. The head that train would fit was "
      "cross-validated on the same folds for all (" +
      text(ranking, "method") + "), on ";
  words += boxes ? counted(*items, "crop") + " of objects and of background in " : "";
  words += counted(*images, "image");
  words += boxes ? "; crops of one image share a fold. Speed is that of whole images on the frame "
                   "that a detector would look at."
                 : ". Speed is that of features from files.";
  return section("method", "How it was measured",
                 words +
                     " LogME (You et al. 2021) is an estimate without folds, from the embedding "
                     "alone; higher is better.</p>\n");
}

std::string provenance_footer(const Json& ranking) {
  const auto total = number(part(ranking, "time"), "total_s");
  return concat({"<footer><h2>Where this comes from</h2>\n<dl>\n<dt>Data</dt><dd>",
                 text(part(ranking, "data"), "path"), "</dd>\n<dt>Time</dt><dd>",
                 total ? human_seconds(*total) : "", "</dd>\n<dt>Written by</dt><dd>preannotate ",
                 text(ranking, "tool_version"),
                 "</dd>\n</dl>\n<p>The same figures, for programs: rank.json.</p></footer>\n"});
}

}  // namespace

std::string rank_page(const Json& ranking) {
  const Json& advice = part(ranking, "recommendation");
  const std::string title = "Use " + text(advice, "name");
  std::string page = concat(
      {"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
       "style-src 'unsafe-inline'\">\n"
       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
       "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
       title, " - preannotate</title>\n<style>", kStyle,
       "</style>\n</head>\n<body>\n<main>\n<p class=\"kind\">preannotate <span>Backbone "
       "ranking</span></p>\n<h1>",
       title, "</h1>\n<p class=\"lede\">It is ", text(advice, "reason"), ".</p>\n"});
  page += key_tiles(ranking) + figures_section(ranking) + chart_section(ranking);
  page += difference_section(ranking) + failed_section(ranking) + method_section(ranking);
  if (text(ranking, "task") != "detect") page += data_section(ranking);
  page += left_out_section(ranking) + provenance_footer(ranking);
  return page + "</main>\n</body>\n</html>\n";
}

}  // namespace preannotate::report
