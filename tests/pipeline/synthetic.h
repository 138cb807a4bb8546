#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace preannotate::testing_support {

/// A small world with known truth: classes red, green and blue, told apart by the colour of a disc
/// on noise. Everything below one folder:
///   seed/<class>/NN.jpg      `per_class` of each
///   unlabelled/**            `unlabelled` images in two sub-folders, some with the same base name
///   truth.csv                path,label of unlabelled/
///   tiny.pt                  the tiny backbone
struct World {
  std::filesystem::path folder, seed, unlabelled, truth, backbone;
};
World make_world(const std::filesystem::path& folder, int per_class, int unlabelled);

/// A multi-label world: each image shows one, two, three or no discs.
///   labels.csv (path,labels with ';') beside the images
World make_multilabel_world(const std::filesystem::path& folder, int images);

/// Pictures below `folder` get a quarter of their brightness.
void darken_all(const std::filesystem::path& folder);

/// SHA-256 of every file below `folder`, by relative path.
std::map<std::string, std::string> content_of(const std::filesystem::path& folder);

}  // namespace preannotate::testing_support
