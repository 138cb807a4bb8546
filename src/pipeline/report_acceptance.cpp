#include "report_acceptance.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report_values.h"

namespace preannotate::report {
namespace {

/// "92.1-98.9 %" with an en dash.
std::string percent_range(const Json& interval) {
  return concat({decimal(100 * number(interval, "low").value_or(0), 1), "–",
                 percent(number(interval, "high").value_or(0))});
}

/// Shares are written as finely as they were asked for: 95 %, 99.5 %.
std::string target_words(const Json& thresholds) {
  return significant(100 * number(thresholds, "target_precision").value_or(0), 4) + " %";
}

std::string accepted_words(const Json& thresholds) {
  const Json& precision = part(thresholds, "precision");
  const std::string drafts = text(thresholds, "drafts");
  const auto accepted = number(thresholds, "accepted").value_or(0);
  const auto items = number(thresholds, "items").value_or(0);
  return concat({"<p>Asked for: of the ", drafts, " accepted, ", target_words(thresholds),
                 " are right. From the scores below on, <b>",
                 percent(number(thresholds, "coverage").value_or(0)), "</b> of the ", drafts,
                 " are accepted (", decimal(accepted, 0), " of ", decimal(items, 0), "), and <b>",
                 percent(number(precision, "value").value_or(0)),
                 "</b> of those are right (95 % interval ", percent_range(precision),
                 "). Each was judged by scores chosen without its image, so the figure is not that "
                 "of its own "
                 "choice; it holds for all accepted ",
                 drafts,
                 " together, if new images are like these. The "
                 "others go to review.</p>\n"});
}

std::string nothing_words(const Json& thresholds) {
  const std::string drafts = text(thresholds, "drafts");
  const double reachable = std::floor(1000 * number(thresholds, "reachable").value_or(0)) / 10;
  return concat({"<p><b>Nothing is accepted</b>: no score lets through ", drafts, " of which ",
                 target_words(thresholds), " are right; all drafts go to review. These ",
                 decimal(number(thresholds, "items").value_or(0), 0), " ", drafts, " show at most ",
                 decimal(reachable, 1), " %. Ask for less, or label more: to show ",
                 target_words(thresholds), " takes ",
                 decimal(number(thresholds, "needed").value_or(0), 0),
                 " accepted ones, all of them right.</p>\n"});
}

/// Least accepted first: those are what a person will see most of.
std::vector<const Json*> least_accepted_first(const Json& classes) {
  std::vector<const Json*> list;
  if (!classes.is_array()) return list;
  for (const auto& entry : classes) list.push_back(&entry);
  const auto share = [](const Json* entry) {
    const double items = number(*entry, "items").value_or(0);
    return items > 0 ? number(*entry, "accepted").value_or(0) / items : 2;
  };
  std::stable_sort(list.begin(), list.end(),
                   [&](const Json* a, const Json* b) { return share(a) < share(b); });
  return list;
}

std::string class_row(const Json& entry) {
  const auto score = number(entry, "score");
  const double items = number(entry, "items").value_or(0);
  const double accepted = number(entry, "accepted").value_or(0);
  const double share = items > 0 ? accepted / items : 0;
  return concat({"<tr><th scope=\"row\">", text(entry, "name"), "</th><td class=\"num\">",
                 score ? decimal(*score, 4) : "none", "</td><td class=\"num\">", decimal(items, 0),
                 "</td>", bar_cell(share, items > 0 ? percent(share, 0) : "no draft"),
                 "<td class=\"num\">", decimal(number(entry, "right").value_or(0), 0), " of ",
                 decimal(accepted, 0), "</td></tr>\n"});
}

std::string class_table(const Json& thresholds) {
  std::string rows;
  for (const Json* entry : least_accepted_first(part(thresholds, "classes"))) {
    rows += class_row(*entry);
  }
  if (rows.empty()) return "";
  return scrolling(
      "Accepted drafts of each class",
      concat({"<table><thead><tr><th scope=\"col\">Drafted class</th><th scope=\"col\" "
              "class=\"num\">Accepted from</th><th scope=\"col\" class=\"num\">Drafts</th><th "
              "scope=\"col\">Accepted</th><th scope=\"col\" class=\"num\">Right</th></tr>"
              "</thead>\n<tbody>",
              rows, "</tbody></table>"}));
}

/// Several labels an image share one score, which no table of classes would tell.
std::string common_score(const Json& thresholds) {
  const Json& classes = part(thresholds, "classes");
  const Json& scores = part(thresholds, "per_class");
  if ((classes.is_array() && !classes.empty()) || !scores.is_object() || scores.empty()) return "";
  const Json& score = scores.begin().value();
  if (!score.is_number()) return "";
  return concat({"<p>An image is accepted when the decision on each class is at least ",
                 decimal(score.get<double>(), 4),
                 " sure; right means that all its labels are.</p>\n"});
}

std::string minutes_words(const Json& thresholds) {
  const Json& minutes = part(thresholds, "minutes_per_1000");
  const auto by_hand = number(minutes, "by_hand"), all = number(minutes, "review_all"),
             rest = number(minutes, "review_rest");
  if (!by_hand || !all || !rest) return "";
  const auto row = [](std::string_view name, double value, double most) {
    return concat({"<tr><th scope=\"row\">", name, "</th>",
                   bar_cell(most > 0 ? value / most : 0, decimal(value, 0) + " min"), "</tr>\n"});
  };
  const double most = std::max({*by_hand, *all, *rest});
  return concat(
      {"<p>A person's time for 1,000 images, of which ",
       percent(number(thresholds, "unseen_share").value_or(0), 0),
       " are accepted without a look:</p>\n",
       scrolling("Minutes for 1,000 images",
                 concat({"<table class=\"slim\"><tbody>", row("All by hand", *by_hand, most),
                         row("Every draft reviewed", *all, most),
                         row("Only what is not accepted", *rest, most), "</tbody></table>"}))});
}

}  // namespace

std::string acceptance_section(const Json& metrics) {
  const Json& thresholds = part(metrics, "thresholds");
  if (!number(thresholds, "target_precision")) return "";
  const bool some = part(thresholds, "precision").is_object();
  return section(
      "acceptance", "What is accepted without a look",
      (some ? accepted_words(thresholds) + common_score(thresholds) + class_table(thresholds)
            : nothing_words(thresholds)) +
          minutes_words(thresholds));
}

}  // namespace preannotate::report
