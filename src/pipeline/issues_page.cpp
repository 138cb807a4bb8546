#include "issues_page.h"

#include <nlohmann/json.hpp>

#include "preannotate/core/text.h"
#include "report_detection.h"
#include "report_quality.h"
#include "report_style.h"
#include "report_values.h"

namespace preannotate {

using namespace report;

namespace {

/// What the page says of a kind of suspects.
struct Kind {
  std::string_view name, title, words;
};

constexpr Kind kKinds[] = {
    {"wrong_label", "Labels that look wrong",
     "The label given is far less probable than another, or than its absence."},
    {"missing_label", "Labels that look missing",
     "A class that the image was not given is probable."},
    {"overlooked", "Objects that no box marks", "A sure draft touches no label."},
    {"swapped", "Boxes of the wrong class",
     "A sure draft of another class lies there, or a second label does."},
    {"badly_located", "Boxes that lie badly",
     "The likely draft of the same class covers another part of the image."},
    {"duplicate", "The same picture with different labels",
     "Identical files, or pictures much more alike than neighbours usually are. One of the two "
     "labels is wrong, or both apply."},
};

// Pairs of pictures stand side by side.
constexpr const char* kPairStyle = R"css(
.twins { display: grid; grid-template-columns: 1fr 1fr; gap: .3rem; }
.pictures.pairs { grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }
@media (max-width: 30rem) { .pictures.pairs { grid-template-columns: 1fr; } }
)css";

std::string picture(const std::string& jpeg, std::string_view alternative) {
  if (jpeg.empty()) return "<div class=\"blank\">no preview</div>";
  return concat({"<img alt=\"", alternative, "\" src=\"", picture_source(jpeg), "\">"});
}

std::string said(std::string_view word, std::string_view name) {
  return concat({"<span class=\"said\"><i>", word, "</i> ", name, "</span>"});
}

std::string guessed(std::string_view word, const Suspect& suspect) {
  return concat(
      {"<span class=\"guess\"><i>", word, "</i> ", html_escape(suspect.suggestion),
       suspect.confidence < 0 ? "" : concat({" <b>", percent(suspect.confidence, 0), "</b>"}),
       "</span>"});
}

std::string words_of(const Suspect& suspect) {
  const std::string label = html_escape(suspect.label);
  if (suspect.kind == "missing_label") return guessed("not labelled", suspect);
  if (suspect.kind == "overlooked") return guessed("no label, drafted", suspect);
  if (suspect.kind == "duplicate") {
    return said("labelled", label) + said("the same picture:", html_escape(suspect.suggestion));
  }
  if (suspect.kind == "badly_located") {
    return said("labelled", label) +
           concat({"<span class=\"guess\"><i>likeness to the draft</i> <b>",
                   decimal(suspect.score, 2), "</b></span>"});
  }
  if (suspect.kind == "swapped" && suspect.suggestion.empty()) {
    return said("labelled", label) + said("with", "another class at the same place");
  }
  if (suspect.suggestion.empty()) {
    return said("labelled", label) +
           concat({"<span class=\"guess\"><i>which is probable to</i> <b>",
                   percent(suspect.score, 0), "</b></span>"});
  }
  return said("labelled", label) +
         guessed(suspect.kind == "swapped" ? "drafted" : "looks like", suspect);
}

std::string figure(const IssuePicture& shown) {
  const Suspect& suspect = shown.suspect;
  const std::string name = html_escape(shown.image);
  const std::string alternative = concat({name, ", labelled ", html_escape(suspect.label),
                                          ", suggested ", html_escape(suspect.suggestion)});
  std::string html;
  if (suspect.box || suspect.suggested_box) {
    html = shot(shown.boxes, alternative);
  } else if (suspect.other) {
    html = concat({"<div class=\"twins\">", picture(shown.jpeg, alternative),
                   picture(shown.other_jpeg, html_escape(shown.other)), "</div>"});
  } else {
    html = picture(shown.jpeg, alternative);
  }
  html = concat({"<figure>", html, "<figcaption>", words_of(suspect), "<span class=\"path\">", name,
                 "</span>"});
  if (suspect.other) {
    html += concat({"<span class=\"path\">", html_escape(shown.other), "</span>"});
  }
  return html + "</figcaption></figure>\n";
}

std::string figures(const std::vector<IssuePicture>& pictures, std::string_view kind,
                    bool flagged) {
  std::string html, layout;
  for (const auto& shown : pictures) {
    if (shown.suspect.kind != kind || shown.suspect.flagged != flagged) continue;
    html += figure(shown);
    layout = shown.suspect.other                                ? " pairs"
             : shown.suspect.box || shown.suspect.suggested_box ? " shots"
                                                                : "";
  }
  if (html.empty()) return "";
  return concat({"<div class=\"pictures", layout, "\">\n", html, "</div>\n"});
}

std::string kind_section(const Json& issues, const Kind& kind,
                         const std::vector<IssuePicture>& pictures) {
  const double flagged = number(part(issues, "kinds"), kind.name).value_or(0);
  const std::string first = figures(pictures, kind.name, true);
  const std::string next = figures(pictures, kind.name, false);
  if (first.empty() && next.empty()) return "";
  std::string html = concat({"<p>", kind.words, "</p>\n"});
  if (first.empty()) html += "<p class=\"hint\">None is flagged.</p>\n";
  html += first;
  if (!next.empty()) {
    html += "<details><summary>Not flagged, to look at next</summary>\n" + next + "</details>\n";
  }
  return section(kind.name, concat({kind.title, " (", decimal(flagged, 0), ")"}), html);
}

std::string verdict(const Json& issues) {
  const double flagged = number(issues, "flagged").value_or(0);
  if (flagged == 0) return "No label looks wrong enough to flag";
  return counted(flagged, "label") + (flagged == 1 ? " looks wrong" : " look wrong");
}

std::string lede(const Json& issues) {
  const Json& data = part(issues, "data");
  const std::string by = text(issues, "judged_by");
  std::string html =
      concat({counted(number(data, "images").value_or(0), "image"), " with ",
              counted(number(data, "labels").value_or(0), "label"), ", each judged by ",
              by.starts_with("run ") ? "a run that must not have been trained on it"
                                     : "a model that was trained without it",
              " (", by,
              "). Most suspect first: look at each, the label may be right. Nothing was "
              "changed."});
  const double unjudged = number(issues, "unjudged").value_or(0);
  if (unjudged > 0) {
    html += concat(
        {" ", counted(unjudged, "image"), " could not be judged: there is no other of the class."});
  }
  return concat({"<p class=\"lede\">", html, "</p>\n"});
}

std::string tiles(const Json& issues) {
  std::string html;
  for (const Kind& kind : kKinds) {
    if (const auto flagged = number(part(issues, "kinds"), kind.name)) {
      html += tile(kind.title, decimal(*flagged, 0), "");
    }
  }
  return html.empty() ? "" : concat({"<dl class=\"tiles\">\n", html, "</dl>\n"});
}

std::string footer(const Json& issues) {
  const Json& data = part(issues, "data");
  return concat({"<footer><h2>Where this comes from</h2>\n<dl>\n<dt>Data</dt><dd>",
                 text(data, "path"), "</dd>\n<dt>Data SHA-256</dt><dd>", text(data, "sha256"),
                 "</dd>\n<dt>Judged by</dt><dd>", text(issues, "judged_by"),
                 "</dd>\n<dt>Written by</dt><dd>preannotate ", text(issues, "tool_version"),
                 "</dd>\n</dl>\n<p>The whole list, for programs: issues.json.</p></footer>\n"});
}

}  // namespace

std::string issues_page(const Json& issues, const std::vector<IssuePicture>& pictures) {
  const bool boxes = text(issues, "task") == "detect";
  std::string sections;
  for (const Kind& kind : kKinds) sections += kind_section(issues, kind, pictures);
  if (boxes && !sections.empty()) sections = "<section>" + box_legend() + "</section>" + sections;
  return concat(
      {"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
       "style-src 'unsafe-inline'\">\n"
       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
       "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
       verdict(issues), " - preannotate</title>\n<style>", kStyle, boxes ? kDetectionStyle : "",
       kPairStyle,
       "</style>\n</head>\n<body>\n<main>\n<p class=\"kind\">preannotate <span>Label issues"
       "</span></p>\n<h1>",
       verdict(issues), "</h1>\n", lede(issues), tiles(issues), sections, footer(issues),
       "</main>\n</body>\n</html>\n"});
}

}  // namespace preannotate
