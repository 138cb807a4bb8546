#include "agreement_text.h"

#include <cstdio>

#include "preannotate/core/text.h"

namespace preannotate::cli {

std::string counted(size_t count, const std::string& what) {
  return human_count(count) + " " + what + (count == 1 ? "" : "s");
}

std::string agreement_text(const ReviewerAgreement& agreement) {
  std::vector<std::string> figures;
  const auto add = [&](const char* name, const std::optional<double>& value) {
    if (!value) return;
    char text[64];
    std::snprintf(text, sizeof text, "%s %.2f", name, *value);
    figures.emplace_back(text);
  };
  add("Cohen's kappa", agreement.kappa);
  if (!agreement.kappa) add("Krippendorff's alpha", agreement.alpha);
  add("boxes F1", agreement.box_f1);
  add("mean IoU", agreement.box_iou);
  if (figures.empty()) return "";
  return join_names(figures) + ", of " + counted(agreement.images, "image") +
         " that two or more answered (" + printable(join_names(agreement.reviewers, 5)) + ")";
}

}  // namespace preannotate::cli
