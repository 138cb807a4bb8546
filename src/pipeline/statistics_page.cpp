#include "preannotate/pipeline/statistics_page.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "preannotate/core/text.h"
#include "report_page.h"
#include "report_quality.h"
#include "report_values.h"

namespace preannotate {

using namespace report;

namespace {

constexpr size_t kConfusions = 30;  // shown

// What became of the drafts, one bar in parts. Colours differ in lightness too.
constexpr const char* kPartsStyle = R"css(
.parts { display: flex; height: 1.5rem; border-radius: .3rem; overflow: hidden; margin: 0 0 .5rem; }
.parts i, .keys i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.keys { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; list-style: none; margin: 0; padding: 0; }
.keys i { display: inline-block; width: .8em; height: .8em; border-radius: .15em; margin-right: .45em; }
#reviewers th, #reviewers td, #model_versions th, #model_versions td { padding-right: .55rem; }
#reviewers .bar, #model_versions .bar { min-width: 4.5rem; width: 12%; }
.accepted { background: #2e6cd0; } .relabelled { background: #de741c; }
.moved { background: #f0b84a; } .deleted { background: #8a2f3c; } .added { background: #4a9c6d; }
)css";

struct Outcome {
  const char *key, *words;
};
constexpr Outcome kOutcomes[] = {{"accepted", "accepted"},
                                 {"relabelled", "relabelled"},
                                 {"moved", "moved"},
                                 {"deleted", "deleted"}};

double count(const Json& object, std::string_view key) {
  return number(object, key).value_or(0);
}

std::string seconds(const std::optional<double>& value) {
  return or_dash(value, [](double s) { return decimal(s, 1) + " s"; });
}

std::string header_cell(std::string_view words, bool numeric) {
  return concat({"<th scope=\"col\"", numeric ? " class=\"num\"" : "", ">", words, "</th>"});
}

std::string number_cell(std::string_view content) {
  return concat({"<td class=\"num\">", content, "</td>"});
}

std::string count_cell(const Json& object, std::string_view key) {
  return number_cell(human_count(static_cast<std::uint64_t>(count(object, key))));
}

/// Accepted objects as a share of drafted ones, with its bar.
std::string accepted_cell(const Json& objects) {
  const double drafted = count(objects, "drafted");
  if (drafted == 0)
    return "<td class=\"bar\">" +
           or_dash(std::nullopt, [](double share) { return percent(share); }) + "</td>";
  const double share = count(objects, "accepted") / drafted;
  return bar_cell(share, percent(share));
}

std::string table(std::string_view label, std::string_view head, std::string_view rows) {
  return scrolling(label, concat({"<table><thead><tr>", head, "</tr></thead>\n<tbody>", rows,
                                  "</tbody></table>"}));
}

std::string outcome_cells(const Json& objects) {
  return count_cell(objects, "drafted") + accepted_cell(objects) +
         count_cell(objects, "relabelled") + count_cell(objects, "moved") +
         count_cell(objects, "deleted") + count_cell(objects, "added");
}

std::string outcome_heads() {
  std::string head = header_cell("Drafted", true) + header_cell("Accepted", false);
  for (const char* words : {"Relabelled", "Moved", "Deleted", "Added"})
    head += header_cell(words, true);
  return head;
}

std::string parts_section(const Json& statistics) {
  const Json& objects = part(part(statistics, "drafts"), "objects");
  const double drafted = count(objects, "drafted");
  if (drafted == 0) return "";
  std::string bars, keys;
  for (const Outcome& outcome : kOutcomes) {
    const double share = count(objects, outcome.key) / drafted;
    bars += concat(
        {"<i class=\"", outcome.key, "\" style=\"width:", significant(100 * share, 4), "%\"></i>"});
    keys += concat({"<li><i class=\"", outcome.key, "\"></i>", outcome.words, " ",
                    human_count(static_cast<std::uint64_t>(count(objects, outcome.key))), " (",
                    percent(share), ")</li>"});
  }
  keys += concat({"<li><i class=\"added\"></i>added ",
                  human_count(static_cast<std::uint64_t>(count(objects, "added"))),
                  " that were not drafted</li>"});
  return section("parts", "What became of the drafts",
                 concat({"<div class=\"parts\" aria-hidden=\"true\">", bars,
                         "</div>\n<ul class=\"keys\">", keys, "</ul>\n"}));
}

std::string class_section(const Json& statistics) {
  std::string rows;
  for (const Json& one : part(statistics, "classes")) {
    if (count(one, "drafted") + count(one, "added") == 0) continue;
    rows += concat(
        {"<tr><th scope=\"row\">", text(one, "category"), "</th>", outcome_cells(one), "</tr>\n"});
  }
  if (rows.empty()) return "";
  return section("classes", "Per class",
                 "<p>By the class that was drafted; added objects by the class that people "
                 "said.</p>\n" +
                     table("Classes", header_cell("Class", false) + outcome_heads(), rows));
}

/// People, or models.
std::string tally_section(const Json& statistics, const char* list, const char* key,
                          std::string_view title, std::string_view words) {
  std::string rows;
  for (const Json& one : part(statistics, list)) {
    const auto name = text(one, key);
    rows += concat({"<tr><th scope=\"row\">", name.empty() ? "not told" : name, "</th>",
                    count_cell(one, "answers"), count_cell(one, "untouched"),
                    count_cell(one, "skipped"), outcome_cells(part(one, "objects")),
                    number_cell(seconds(number(one, "seconds_per_image"))),
                    number_cell(seconds(number(one, "seconds_per_object"))), "</tr>\n"});
  }
  if (rows.empty()) return "";
  std::string head = header_cell(words, false);
  for (const char* column : {"Images", "Untouched", "Skipped"}) head += header_cell(column, true);
  head += outcome_heads() + header_cell("An image", true) + header_cell("An object", true);
  return section(list, title, table(title, head, rows));
}

std::string mistakes_section(const Json& statistics) {
  const Json& list = part(statistics, "relabelled");
  std::string rows;
  size_t shown = 0;
  for (const Json& one : list) {
    if (shown++ == kConfusions) break;
    rows += concat({"<tr><th scope=\"row\">", text(one, "drafted"), "</th><td>", text(one, "said"),
                    "</td>", count_cell(one, "count"), "</tr>\n"});
  }
  if (rows.empty()) return "";
  if (list.size() > kConfusions)
    rows += concat({"<tr><td colspan=\"3\">and ", human_count(list.size() - kConfusions),
                    " more</td></tr>\n"});
  return section("confusions", "What the model took for what",
                 "<div class=\"slim\">" +
                     table("Relabelled objects",
                           header_cell("Drafted", false) + header_cell("Is", false) +
                               header_cell("Objects", true),
                           rows) +
                     "</div>");
}

std::string agreement_section(const Json& statistics) {
  const Json& agreement = part(statistics, "agreement");
  if (count(agreement, "images") == 0) return "";
  std::string names;
  for (const Json& name : part(agreement, "reviewers"))
    names += (names.empty() ? "" : ", ") + html_escape(name.get<std::string>());
  std::string tiles;
  const auto add = [&](std::string_view title, const char* key, std::string_view hint) {
    if (const auto value = number(agreement, key)) tiles += tile(title, decimal(*value, 2), hint);
  };
  add("Cohen's kappa", "kappa", "1 always, 0 by chance");
  add("Krippendorff's alpha", "alpha", "1 always, 0 by chance");
  add("Boxes, F1", "box_f1", "at IoU 0.5");
  add("Boxes, mean IoU", "box_iou", "of those that match");
  return section(
      "agreement", "How far people agree",
      concat({"<p>", counted(count(agreement, "images"), "image"), " answered by two or more of ",
              names, ".</p>\n<dl class=\"tiles\">\n", tiles, "</dl>\n"}));
}

std::string planted_section(const Json& statistics) {
  std::string rows;
  for (const Json& one : part(statistics, "planted")) {
    const auto name = text(one, "reviewer");
    rows += concat({"<tr><th scope=\"row\">", name.empty() ? "not told" : name, "</th>",
                    count_cell(one, "answers"), count_cell(one, "untouched"), "</tr>\n"});
  }
  if (rows.empty()) return "";
  return section("planted", "Planted drafts",
                 "<p>They are counted nowhere else. Some are right: audit says who let wrong ones "
                 "pass.</p>\n<div class=\"slim\">" +
                     table("Planted drafts",
                           header_cell("Person", false) + header_cell("Shown", true) +
                               header_cell("Untouched", true),
                           rows) +
                     "</div>");
}

std::string tiles(const Json& statistics) {
  const Json& drafts = part(statistics, "drafts");
  const Json& blind = part(statistics, "blind");
  std::string html =
      tile("Answered", human_count(static_cast<std::uint64_t>(count(statistics, "answered"))),
           "of " + counted(count(statistics, "images"), "image"));
  if (count(drafts, "answers") > 0) {
    html += tile("Untouched", percent(count(drafts, "untouched") / count(drafts, "answers")),
                 "of images whose drafts were shown");
  }
  if (const auto value = number(drafts, "seconds_per_image"))
    html += tile("An image", seconds(value), "drafts shown, mean");
  if (const auto value = number(drafts, "seconds_per_object"))
    html += tile("An object", seconds(value), "drafts shown, mean");
  if (count(blind, "answers") > 0)
    html += tile("Blind", human_count(static_cast<std::uint64_t>(count(blind, "answers"))),
                 number(blind, "seconds_per_image")
                     ? seconds(number(blind, "seconds_per_image")) + " an image"
                     : "nothing was shown");
  if (count(statistics, "conflicts") > 0)
    html +=
        tile("In conflict", human_count(static_cast<std::uint64_t>(count(statistics, "conflicts"))),
             "wait for a person");
  return concat({"<dl class=\"tiles\">\n", html, "</dl>\n"});
}

std::string verdict(const Json& statistics) {
  const Json& objects = part(part(statistics, "drafts"), "objects");
  const double drafted = count(objects, "drafted");
  if (drafted == 0) return "No drafts were answered yet";
  return percent(count(objects, "accepted") / drafted) + " of drafts were accepted as they were";
}

}  // namespace

std::string statistics_page(const Json& statistics) {
  const std::string title = verdict(statistics);
  std::string body = concat(
      {"<h1>", title,
       "</h1>\n<p class=\"lede\">From the difference between what people were shown and what they "
       "said of it. A draft is relabelled, moved or deleted once, whatever else was done to "
       "it.</p>\n"});
  body += tiles(statistics) + parts_section(statistics) + class_section(statistics) +
          mistakes_section(statistics) +
          tally_section(statistics, "reviewers", "reviewer", "Per person", "Person") +
          tally_section(statistics, "model_versions", "model_version", "Per model", "Model") +
          agreement_section(statistics) + planted_section(statistics);
  body += concat({"<footer><h2>Where this comes from</h2>\n<dl>\n<dt>Drafts</dt><dd>",
                  text(statistics, "drafts_folder"), "</dd>\n<dt>Written by</dt><dd>preannotate ",
                  text(statistics, "tool_version"),
                  "</dd>\n</dl>\n<p>The same figures, for programs: preannotate statistics "
                  "--json.</p></footer>\n"});
  return page(title, "Answers", kPartsStyle, body);
}

}  // namespace preannotate
