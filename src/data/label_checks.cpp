#include "label_checks.h"

#include <algorithm>
#include <cmath>

#include "preannotate/core/error.h"
#include "preannotate/core/text.h"

namespace preannotate {

int checked_side(double side, const std::string& what, const std::string& where, int shortest) {
  if (!(side >= shortest && side <= kLongestSide && std::trunc(side) == side)) {
    throw UserError(kBadInput, where, ": ", what, " is ", side,
                    ", expected a whole number of pixels", shortest > 0 ? " above 0" : "");
  }
  return static_cast<int>(side);
}

double checked_score(double score, const std::string& what, const std::string& where) {
  if (score >= 0 && score <= 1) return score;
  throw UserError(kBadInput, where, ": ", what, " is ", score, ", expected 0 to 1");
}

double checked_number(const std::string& text, const std::string& what, const std::string& where) {
  double value = 0;
  if (parse_number(text, value)) return value;
  const bool comma = text.find(',') != text.npos;
  throw UserError(kBadInput, where, ": ", what, " is '", text.substr(0, 60), "', expected ",
                  comma ? "a number with a point, no decimal comma" : "a number");
}

bool place_box(const Corners& corners, const std::string& where, const Sample& sample, Label& label,
               std::vector<Problem>& problems) {
  auto verdict = checked_box(corners, sample.width, sample.height);
  if (!verdict.reason.empty())
    problems.push_back({sample.image, verdict.reason, where + ": " + verdict.detail});
  label.box = verdict.box;
  return label.box.has_value();
}

void ImagesOnce::add(const std::string& image, const std::string& where) {
  const auto [first, added] = place_of_.try_emplace(image, where);
  if (added) return;
  throw UserError(kBadInput, where, ": image '", image, "' is already that of ", first->second,
                  "; keep one of them");
}

void sort_samples(Dataset& dataset) {
  std::sort(dataset.samples.begin(), dataset.samples.end(),
            [](const Sample& a, const Sample& b) { return a.image < b.image; });
}

}  // namespace preannotate
