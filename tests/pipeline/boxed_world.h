#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/core/random.h"
#include "preannotate/metrics/detection.h"

namespace preannotate::testing_support {

/// A picture of noise with a filled rectangle for each object: category 0 is blue, 1 is red.
struct BoxedPicture {
  std::string name;  // below the folder of the pictures
  int width = 96, height = 64;
  std::vector<TruthBox> objects{};
  bool sideways = false;  // stored turned, with the EXIF orientation that turns it upright
};

inline const std::vector<std::string> kBoxedClasses{"blue", "red"};

/// `objects` rectangles of 18 to 28 px that keep apart from each other.
BoxedPicture random_boxed(const std::string& name, int objects, Random& random);

/// The picture as a PNG at folder / picture.name.
void write_boxed(const std::filesystem::path& folder, const BoxedPicture& picture);

/// A COCO document of the pictures.
Json coco_of(const std::vector<BoxedPicture>& pictures);

/// A small world with known boxes. Everything below one folder:
///   seed/seed.json, seed/NN.png         `labelled` pictures, each fourth without object
///   new/seed.json, new/a/NN.png, ...    `unlabelled` pictures; the second is stored sideways, the
///                                       third has no object
///   tiny.pt                             the tiny backbone
struct BoxedWorld {
  std::filesystem::path folder, seed, unlabelled, truth, backbone;
  std::vector<BoxedPicture> labelled, pictures;
};
BoxedWorld make_boxed_world(const std::filesystem::path& folder, int labelled, int unlabelled);

/// Writes the pictures and their COCO file; returns its path.
std::filesystem::path write_boxed_seed(const std::filesystem::path& folder,
                                       const std::vector<BoxedPicture>& pictures);

}  // namespace preannotate::testing_support
