#include <algorithm>
#include <nlohmann/json.hpp>

#include "preannotate/core/text.h"
#include "report_detection.h"
#include "report_drawing.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

bool is_draft(const PictureBox& box) {
  return box.score >= 0;
}

std::string box_words(const PictureBox& box) {
  return html_escape(box.category) + (is_draft(box) ? " " + decimal(box.score, 2) : "");
}

/// The box twice: a dark casing keeps the line visible on any picture.
std::string box_outline(const PictureBox& box) {
  const std::string place =
      concat({" x=\"", at(box.box.x1), "\" y=\"", at(box.box.y1), "\" width=\"",
              at(box.box.width()), "\" height=\"", at(box.box.height()), "\""});
  const std::string kind =
      concat({is_draft(box) ? "draft" : "truth", box.subject ? " subject" : ""});
  return concat({"<g class=\"", kind, "\"><rect class=\"casing\"", place, "/><rect", place,
                 "><title>", is_draft(box) ? "drafted: " : "labelled: ", box_words(box),
                 "</title></rect></g>"});
}

size_t letters_of(std::string_view words) {
  return static_cast<size_t>(
      std::count_if(words.begin(), words.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// At most 16 letters, so that the name fits on the picture; the caption has all of it.
std::string shortened(const std::string& name) {
  constexpr size_t kMost = 16;
  if (letters_of(name) <= kMost) return name;
  size_t end = 0;
  for (size_t letters = 0; letters < kMost; ++end) {
    letters += end + 1 == name.size() || (name[end + 1] & 0xC0) != 0x80;
  }
  return name.substr(0, end) + "…";
}

/// The name of a box at its corner: objects above their box, drafts below theirs, where there is
/// room. `size` is the height of the letters in pixels of the picture.
std::string box_name(const BoxPicture& picture, const PictureBox& box, double size) {
  const double above = box.box.y1 - 0.35 * size, below = box.box.y2 + 1.05 * size;
  const double inside_top = box.box.y1 + 1.1 * size, inside_bottom = box.box.y2 - 0.4 * size;
  const double y = is_draft(box) ? (below < picture.height ? below : inside_bottom)
                                 : (above > 0.8 * size ? above : inside_top);
  const std::string words =
      shortened(box.category) + (is_draft(box) ? " " + decimal(box.score, 2) : "");
  const double width = 0.62 * size * static_cast<double>(letters_of(words));
  const double last = std::max(2.0, picture.width - width);
  return concat({"<text class=\"", is_draft(box) ? "draft" : "truth", "\" style=\"font-size:",
                 at(size), "px\" x=\"", at(std::clamp(box.box.x1 + 1.0, 2.0, last)), "\" y=\"",
                 at(std::clamp(y, size, std::max(size, picture.height - 0.3 * size))), "\">",
                 html_escape(words), "</text>"});
}

/// Of the other kind than the subject, the box that lies most on it; null when none touches it.
const PictureBox* counterpart(const BoxPicture& picture, const PictureBox& subject) {
  const PictureBox* closest = nullptr;
  float most = 0;
  for (const auto& box : picture.boxes) {
    const float overlap = iou(box.box, subject.box);
    if (is_draft(box) != is_draft(subject) && overlap > most) most = overlap, closest = &box;
  }
  return closest;
}

/// Boxes over the picture, in its own pixels; the subject last, on top. Only it and its counterpart
/// are named: more names would hide the picture.
std::string overlay(const BoxPicture& picture) {
  const PictureBox* subject = nullptr;
  std::string svg;
  for (const auto& box : picture.boxes) {
    if (box.subject) subject = &box;
    if (!box.subject) svg += box_outline(box);
  }
  if (subject) {
    const double size = std::max(picture.width, picture.height) / 19.0;
    const PictureBox* other = counterpart(picture, *subject);
    svg += box_outline(*subject) + box_name(picture, *subject, size);
    if (other) svg += box_name(picture, *other, size);
  }
  return concat({"<svg viewBox=\"0 0 ", std::to_string(picture.width), " ",
                 std::to_string(picture.height), "\" aria-hidden=\"true\">", svg, "</svg>"});
}

std::string picture_words(const BoxPicture& picture) {
  const std::string category = html_escape(picture.category);
  if (!picture.missed) {
    return concat({"<span class=\"guess\"><i>drafted</i> ", category, " <b>",
                   decimal(picture.score, 2), "</b></span>"});
  }
  return concat({"<span class=\"said\"><i>missed</i> ", category,
                 picture.score > 0 ? concat({" <small>best score near it ",
                                             decimal(picture.score, 2), "</small>"})
                                   : " <small>nothing near it</small>",
                 "</span>"});
}

std::string picture_figure(const BoxPicture& picture) {
  const std::string name = html_escape(picture.image);
  const std::string alternative = concat(
      {name, picture.missed ? ", missed " : ", falsely drafted ", html_escape(picture.category)});
  return concat({"<figure>", shot(picture, alternative), "<figcaption>", picture_words(picture),
                 "<span class=\"path\">", name, "</span></figcaption></figure>\n"});
}

std::string swatch(std::string_view kind, std::string_view words) {
  return concat({"<span><svg viewBox=\"0 0 34 18\" aria-hidden=\"true\"><g class=\"", kind,
                 " subject\"><rect class=\"casing\" x=\"3\" y=\"3\" width=\"28\" height=\"12\"/>"
                 "<rect x=\"3\" y=\"3\" width=\"28\" height=\"12\"/></g></svg>",
                 words, "</span>"});
}

std::string pictures_of(const std::vector<BoxPicture>& pictures, bool missed,
                        std::string_view title, std::string_view words) {
  std::string figures;
  for (const auto& picture : pictures) {
    if (picture.missed == missed) figures += picture_figure(picture);
  }
  if (figures.empty()) return "";
  return concat({"<h3>", title, "</h3>\n<p>", words, "</p>\n<div class=\"pictures shots\">\n",
                 figures, "</div>\n"});
}

}  // namespace

std::string shot(const BoxPicture& picture, std::string_view alternative) {
  if (picture.jpeg.empty() || picture.width <= 0 || picture.height <= 0) {
    return "<div class=\"blank\">no preview</div>";
  }
  return concat({"<div class=\"shot\"><img alt=\"", alternative, "\" src=\"",
                 picture_source(picture.jpeg), "\">", overlay(picture), "</div>"});
}

std::string box_legend() {
  return concat({"<p class=\"legend\">", swatch("truth", "labelled by people"),
                 swatch("draft", "drafted, with its score"),
                 "<span>thick: the box in question</span></p>\n"});
}

std::string box_pictures_section(const std::vector<BoxPicture>& pictures) {
  const std::string body =
      pictures_of(pictures, true, "Missed objects",
                  "No draft shown has the class and place of the object; those with the least near "
                  "them come first.") +
      pictures_of(pictures, false, "False boxes",
                  "Drafts that fit no object of their class, highest score first. Look whether the "
                  "label is the one that is missing.");
  if (body.empty()) return "";
  return section("mistakes", "The worst mistakes", box_legend() + body);
}

}  // namespace preannotate::report
