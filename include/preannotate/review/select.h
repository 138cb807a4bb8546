#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace preannotate {

struct SelectOptions {
  std::filesystem::path drafts;
  std::string purpose;  // certify, audit or review
  size_t budget = 0;    // images
  std::string name;     // of the selection; "": the purpose
  /// Of the random order; absent: one that nobody can know before.
  std::optional<std::uint64_t> seed;
  std::filesystem::path labels;  // audit: the finished label set; "": the drafts themselves
  double honeypots = 0;          // review: share of planted wrong drafts; half as many right ones
  std::filesystem::path gold;    // with honeypots: labels of some of the images that are right
  std::string format;            // of labels and gold; "" = detected
  std::vector<std::string> formats;  // what else to write for the tool that people use
  double iou = 0.7;                  // boxes: what counts as the same
  bool force = false;
};

struct SelectResult {
  std::filesystem::path folder;
  size_t images = 0, pool = 0;
  size_t planted_wrong = 0, planted_right = 0;
  std::vector<std::string> files;  // names in the folder, for people
};

/// Chooses images for people and writes DRAFTS/selections/NAME: selection.json (the program's
/// record; it names the honeypots, so reviewers should not see it), images.txt (their paths), for a
/// classifier answers.csv to fill in, and `formats`. certify and audit: a uniform sample of all
/// images, drafts hidden, in random order, so that any first part of it is a sample too. review:
/// the drafts of bucket review that are least sure. Throws UserError.
SelectResult select_images(const SelectOptions& options);

}  // namespace preannotate
