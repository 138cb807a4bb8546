#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/core/box.h"
#include "preannotate/core/problems.h"

namespace preannotate {

/// One object, or one image-level class when `box` is absent.
struct Label {
  int category = 0;             // index into Dataset::categories
  std::optional<double> score;  // [0, 1]; absent on labels made by people
  std::optional<Box> box;
  std::string id;      // stable draft id, 12 hex digits; empty on labels made by people
  bool crowd = false;  // a region of many objects, or marked difficult: not trained on, not counted
  double area = 0;     // of the object in square pixels, as its file says; 0: the box's
  /// Its outline in the upright frame as COCO writes it, JSON text: [[x1,y1,...],...] or
  /// {"counts":...,"size":[h,w]}; "" when there is none. Carried through, never computed with.
  std::string segmentation{};

  friend bool operator==(const Label&, const Label&) = default;
};

/// One image and what is known of it.
struct Sample {
  std::string image;  // path below Dataset::image_root with '/', as utf8_path(); the key everywhere
  int width = 0, height = 0;  // upright frame in pixels; 0 when not known
  std::vector<Label> labels;  // none: looked at and empty
  std::string bucket;         // accept, review or empty; "" when these are no drafts
  double uncertainty = 0;     // [0, 1]; what a person should see first is highest

  friend bool operator==(const Sample&, const Sample&) = default;
};

/// Labelled images, or drafts, in memory. Samples are sorted by image, byte order.
struct Dataset {
  std::filesystem::path image_root;
  std::vector<std::string> categories;  // unique, not empty; the id in files is index + 1
  std::vector<Sample> samples;
  std::string model_version;  // of drafts; "" otherwise

  bool several_classes = false;  // an image may have several image-level classes
  /// Where images are that do not lie at image_root / image: several sources, lists. By image.
  std::map<std::string, std::filesystem::path> elsewhere{};
  /// What reading left out (image_missing, box_outside_image, empty_box, ...) or used with a
  /// warning (box_clipped, number_as_text, ...). `input` is the image, or the file of labels.
  std::vector<Problem> problems{};
};

/// True for a reason in Dataset::problems for which a label or an image was left out; false for
/// what was used all the same, with a warning.
bool leaves_out(const std::string& reason);

/// Index of `name` in `categories`, or -1.
int category_index(const std::vector<std::string>& categories, const std::string& name);

/// The classes of an image without their places: each category once, with its best score and that
/// label's id.
std::vector<Label> image_level_labels(const Sample& sample);

/// Where the bytes of a sample are; undoes utf8_path()'s percent-encoding.
std::filesystem::path image_file(const Dataset& dataset, const Sample& sample);

}  // namespace preannotate
