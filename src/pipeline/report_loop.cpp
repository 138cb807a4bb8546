#include "report_loop.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "preannotate/core/text.h"
#include "report_loop_chart.h"
#include "report_page.h"
#include "report_quality.h"
#include "report_training.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

/// "0.87", or "0.87 (0.80 to 0.95)" where the runs differ; "" without the figure.
std::string ranged(const Json& figure, double unit, int digits) {
  const auto value = number(figure, "value"), low = number(figure, "low"),
             high = number(figure, "high");
  if (!value || !low || !high) return "";
  const std::string words = decimal(unit * *value, digits);
  if (decimal(unit * *low, digits) == decimal(unit * *high, digits)) return words;
  return unbroken(concat(
      {words, " (", decimal(unit * *low, digits), " to ", decimal(unit * *high, digits), ")"}));
}

std::string value_of(const Json& figure, double unit, int digits) {
  const auto value = number(figure, "value");
  return or_dash(value, [&](double v) { return decimal(unit * v, digits); });
}

const Json& loop_of(const Json& simulation) {
  return part(simulation, "loop");
}

bool has_boxes(const Json& simulation) {
  return text(simulation, "task") == "detect";
}

/// Of the time without drafts; a share.
std::optional<double> saved(const Json& simulation) {
  const Json& loop = loop_of(simulation);
  if (const auto share = number(part(loop, "saved_share"), "value")) return share;
  const auto mine = number(part(loop, "seconds_per_image"), "value");
  const auto manual = number(part(simulation, "manual"), "seconds_per_image");
  if (!mine || !manual || *manual <= 0) return std::nullopt;
  return 1 - *mine / *manual;
}

std::string title_of(const Json& simulation) {
  const auto share = saved(simulation);
  if (!share) return "A loop replayed";
  return *share > 0 ? concat({"The loop would save ", percent(*share, 0), " of the time"})
                    : "The loop would save no time";
}

std::string lede(const Json& simulation) {
  const Json& data = part(simulation, "data");
  const auto images = number(data, "images"), repeats = number(simulation, "repeats");
  if (!images || !repeats) return "";
  return concat({"<p class=\"lede\">Labelling ", counted(*images, "image"),
                 " with a simulated person (", text(simulation, "reviewer"), "), replayed ",
                 counted(*repeats, "time"), ".</p>\n"});
}

std::string class_tiles(const Json& simulation) {
  const Json& loop = loop_of(simulation);
  const auto certified = number(loop, "certified"), broken = number(loop, "broken"),
             repeats = number(simulation, "repeats"), promise = number(simulation, "max_error");
  std::string tiles =
      tile("Seconds an image", value_of(part(loop, "seconds_per_image"), 1, 2),
           concat({"by hand ", or_dash(number(part(simulation, "manual"), "seconds_per_image"),
                                       [](double v) { return decimal(v, 2); })}));
  tiles += tile("Answers an image", value_of(part(loop, "answers_per_image"), 1, 2),
                "labelled, corrected or verified by itself");
  tiles += tile("Wrong in the end", value_of(part(loop, "residual_error"), 100, 2) + " %",
                promise ? concat({"at most ", significant(100 * *promise), " % wanted"}) : "");
  if (certified && repeats && broken) {
    tiles += tile("Certified", concat({decimal(*certified, 0), " of ", decimal(*repeats, 0)}),
                  concat({decimal(*broken, 0), " of them wrongly"}));
  }
  return concat({"<dl class=\"tiles\">\n", tiles, "</dl>\n"});
}

std::string box_tiles(const Json& simulation) {
  const Json& loop = loop_of(simulation);
  return concat({"<dl class=\"tiles\">\n",
                 tile("Time saved", value_of(part(loop, "saved_share"), 100, 1) + " %",
                      "of drawing all by hand, the first images included"),
                 tile("Seconds an image", value_of(part(loop, "seconds_per_image"), 1, 1),
                      concat({"by hand ", value_of(part(loop, "manual_seconds_per_image"), 1, 1)})),
                 "</dl>\n"});
}

std::string row(std::string_view name, std::initializer_list<std::string> cells) {
  std::string words = concat({"<tr><th scope=\"row\">", name, "</th>"});
  for (const auto& cell : cells) words += concat({"<td class=\"num\">", cell, "</td>"});
  return words + "</tr>\n";
}

std::string table(std::string_view caption, std::initializer_list<std::string_view> head,
                  std::string_view rows) {
  std::string cells;
  for (const auto& words : head) {
    cells +=
        concat({"<th scope=\"col\"", cells.empty() ? "" : " class=\"num\"", ">", words, "</th>"});
  }
  return scrolling(caption, concat({"<table><thead><tr>", cells, "</tr></thead>\n<tbody>", rows,
                                    "</tbody></table>"}));
}

std::string comparison_section(const Json& simulation) {
  if (has_boxes(simulation)) return "";
  const Json& loop = loop_of(simulation);
  const std::string rows =
      row("By hand, without drafts",
          {or_dash(number(part(simulation, "manual"), "seconds_per_image"),
                   [](double v) { return decimal(v, 2); }),
           "1", ""}) +
      row("Drafts, each verified alone",
          {ranged(part(part(simulation, "drafts_only"), "seconds_per_image"), 1, 2), "1", ""}) +
      row("The loop", {ranged(part(loop, "seconds_per_image"), 1, 2),
                       ranged(part(loop, "answers_per_image"), 1, 2),
                       ranged(part(loop, "residual_error"), 100, 2)});
  return section(
      "comparison", "Against other ways",
      table("Ways of labelling", {"", "Seconds an image", "Answers an image", "Wrong, %"}, rows) +
          concat({"<p>Of the images, ", value_of(part(loop, "in_pages_share"), 100, 1),
                  " % were accepted by the page, ", value_of(part(loop, "unseen_share"), 100, 1),
                  " % unseen, because a certificate allowed it.</p>\n"}));
}

std::string figure(const std::string& chart, std::string_view words) {
  if (chart.empty()) return "";
  return concat(
      {"<figure class=\"chart\">", chart, "<figcaption>", words, "</figcaption></figure>\n"});
}

std::string curve_section(const Json& simulation) {
  const Json& curve = part(simulation, "curve");
  const bool boxes = has_boxes(simulation);
  const std::string charts =
      boxes ? figure(round_chart(curve, "map50", 1, "AP50 on the rest"),
                     "AP50 of each round's model on the images that were not labelled yet.") +
                  figure(round_chart(curve, "saved_share", 100, "time saved, %"),
                         "Time saved in the batch that each round's model drafted.")
            : figure(round_chart(curve, "draft_error", 100, "drafts wrong, %"),
                     "Wrong drafts of each round's model among the images not labelled yet.") +
                  figure(round_chart(curve, "seconds_per_image", 1, "seconds an image"),
                         "A person's time so far, spread over all images.");
  if (charts.empty()) return "";
  return section("curve", "Round by round", concat({"<div class=\"pair\">\n", charts, "</div>\n"}));
}

std::string cost_section(const Json& simulation) {
  const Json &cost = part(simulation, "cost"), &actions = part(loop_of(simulation), "actions");
  std::string rows;
  if (!cost.is_object()) return "";
  for (const auto& [name, seconds] : cost.items()) {
    if (!seconds.is_number()) continue;
    rows += row(html_escape(name),
                {decimal(seconds.get<double>(), 2),
                 or_dash(number(actions, name), [](double v) { return decimal(v, 3); })});
  }
  if (rows.empty()) return "";
  return section("cost", "What an action takes",
                 table("Actions", {"Action", "Seconds", "Times an image"}, rows));
}

std::string footer(const Json& simulation) {
  const auto total = number(part(simulation, "time"), "total_s");
  const std::string pool = text(part(simulation, "data"), "pool");
  return concat({"<footer><h2>Where this comes from</h2>\n<dl>\n<dt>Data</dt><dd>",
                 text(part(simulation, "data"), "path"), pool.empty() ? "" : ", ", pool,
                 "</dd>\n<dt>Time</dt><dd>", total ? human_seconds(*total) : "",
                 "</dd>\n<dt>Written by</dt><dd>preannotate ", text(simulation, "tool_version"),
                 "</dd>\n</dl>\n<p>The same figures, for programs: "
                 "simulation.json.</p></footer>\n"});
}

}  // namespace

std::string loop_page(const Json& simulation) {
  const std::string title = title_of(simulation);
  std::string body = concat({"<h1>", title, "</h1>\n", lede(simulation)});
  body += has_boxes(simulation) ? box_tiles(simulation) : class_tiles(simulation);
  body += comparison_section(simulation) + curve_section(simulation) + cost_section(simulation);
  return page(title, "Simulation", "", body + left_out_section(simulation) + footer(simulation));
}

}  // namespace preannotate::report
