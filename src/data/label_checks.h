#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "box_check.h"
#include "preannotate/data/dataset.h"

namespace preannotate {

/// What every reader of labels holds its values against. All throw UserError(kBadInput)
/// "<where>: <what> is ..., expected ...".

constexpr double kLongestSide = 1 << 30;  // px

/// A number of pixels, whole, from `shortest` to kLongestSide; 0 is for formats that write it where
/// the size is not known.
int checked_side(double side, const std::string& what, const std::string& where, int shortest = 0);

/// From 0 to 1.
double checked_score(double score, const std::string& what, const std::string& where);

/// The whole of `text` as a finite number with a decimal point.
double checked_number(const std::string& text, const std::string& what, const std::string& where);

/// Sets label.box, clipped to the image; false when the label is to be left out. What is not as it
/// should be becomes a problem of the image.
bool place_box(const Corners& corners, const std::string& where, const Sample& sample, Label& label,
               std::vector<Problem>& problems);

/// Images that a file names, each of which may stand there once.
class ImagesOnce {
 public:
  void add(const std::string& image, const std::string& where);

 private:
  std::map<std::string, std::string> place_of_;  // the first
};

void sort_samples(Dataset& dataset);

}  // namespace preannotate
