#include <nlohmann/json.hpp>

#include "preannotate/core/text.h"
#include "report_training.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

std::string picture_figure(const ReportPicture& picture) {
  const std::string name = html_escape(picture.image), truth = html_escape(picture.truth);
  const std::string predicted = html_escape(picture.predicted);
  std::string html = "<figure>";
  if (picture.jpeg.empty()) {
    html += "<div class=\"blank\">no preview</div>";
  } else {
    html += concat({"<img alt=\"", name, ", labelled ", truth, ", predicted ", predicted,
                    "\" src=\"", picture_source(picture.jpeg), "\">"});
  }
  return concat({html, "<figcaption><span class=\"said\"><i>labelled</i> ", truth,
                 "</span><span class=\"guess\"><i>predicted</i> ", predicted, " <b>",
                 percent(picture.score, 0), "</b></span><span class=\"path\">", name,
                 "</span></figcaption></figure>\n"});
}

}  // namespace

std::string pictures_section(const std::vector<ReportPicture>& pictures) {
  if (pictures.empty()) return "";
  std::string figures;
  for (const auto& picture : pictures) figures += picture_figure(picture);
  return section(
      "mistakes", "The surest mistakes",
      concat({"<p>Where prediction and label disagree, highest score first. Look whether "
              "the label is the one that is wrong.</p>\n<div class=\"pictures\">\n",
              figures, "</div>\n"}));
}

}  // namespace preannotate::report
