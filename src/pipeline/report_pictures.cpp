#include <cstdint>
#include <nlohmann/json.hpp>

#include "preannotate/core/text.h"
#include "report_training.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    }
    for (size_t k = 0; k < 4; ++k) text += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string picture_figure(const ReportPicture& picture) {
  const std::string name = html_escape(picture.image), truth = html_escape(picture.truth);
  const std::string predicted = html_escape(picture.predicted);
  std::string html = "<figure>";
  if (picture.jpeg.empty()) {
    html += "<div class=\"blank\">no preview</div>";
  } else {
    html += concat({"<img alt=\"", name, ", labelled ", truth, ", predicted ", predicted,
                    "\" src=\"data:image/jpeg;base64,", base64(picture.jpeg), "\">"});
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
