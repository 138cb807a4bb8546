#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/data/dataset.h"

namespace preannotate {

/// A draft that was planted among others: its truth is known, a reviewer does not know that.
struct Honeypot {
  std::string image;
  bool right = false;         // the planted draft is right
  std::vector<Label> labels;  // what is shown
  std::vector<Label> truth;
};

/// One test that was made with a sample.
struct Look {
  std::string answers_sha256;  // of the answers that were used
  size_t answers = 0;
  std::string asked;  // JSON text: max_error, confidence, per_class, iou
  bool given = false;
};

/// Images chosen for people, as DRAFTS/selections/NAME/selection.json records them.
struct Selection {
  std::string name, purpose;  // certify, audit, review or label
  std::string model_version;
  std::string drafts_sha256;   // digest_of() the drafts when they were chosen
  std::string labels_sha256;   // of the finished labels, of an audit; "" otherwise
  std::string answers_sha256;  // of answers.csv as it was handed out, "" when there was none
  std::uint64_t seed = 0;
  size_t pool = 0;                  // images that it was chosen from
  std::vector<std::string> images;  // of a blind sample in random order
  /// certify: images that people had answered when it was drawn, from the others alone.
  std::vector<std::string> settled;
  std::vector<std::string> blind;  // of `images` to label: drawn uniformly, without their drafts
  std::vector<Honeypot> honeypots;
  int looks = 0;  // tests that delta is split over; 0: not said yet
  std::vector<Look> used;
};

/// certify and audit: a uniform sample of all images, of which no draft is shown.
bool is_blind_sample(const Selection& selection);
/// True for an image of which the selection shows no draft.
bool hides_draft(const Selection& selection, const std::string& image);

/// A seed that nobody can know before.
std::uint64_t unknown_seed();

/// DRAFTS/selections/NAME; `name` must be a plain file name (UserError kUsageError).
std::filesystem::path selection_folder(const std::filesystem::path& drafts,
                                       const std::string& name);

/// Throws UserError: kUsageError when there is none of that name (says what to do), kBadInput.
Selection read_selection(const std::filesystem::path& drafts, const std::string& name,
                         const std::vector<std::string>& categories);

/// selection.json below `folder`, whole or not at all.
void write_selection(const std::filesystem::path& folder, const Selection& selection,
                     const std::vector<std::string>& categories);

/// Throws UserError(kBadInput) when the drafts are not those that the selection was made from.
void check_same_drafts(const Selection& selection, const std::string& drafts_sha256);

}  // namespace preannotate
