#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/core/error.h"
#include "preannotate/image/decode.h"

namespace preannotate {

struct SelectLabelOptions {
  std::filesystem::path images;       // a drafts folder, or a folder of images without a model yet
  std::size_t budget = 0;             // images
  double blind = 0.15;                // of drafts: share of the budget that is drawn uniformly
  std::string name;                   // of the selection of drafts; "": label
  std::optional<std::uint64_t> seed;  // absent: one that nobody can know before
  std::vector<std::string> formats;   // what else to write for the tool that people label with
  bool force = false;
  // Of drafts:
  std::filesystem::path model;  // their run; "": where predict had it
  // Of images:
  std::filesystem::path output;      // folder to write
  std::vector<std::string> classes;  // that people will choose from, for `formats`
  std::filesystem::path backbone;    // "": the default one
  bool trust_backbone = false;
  std::optional<std::array<float, 3>> mean, std;  // of a backbone that says nothing of its input

  int workers = 0;           // 0: cores this process may use
  std::optional<int> batch;  // images a forward pass; absent: 4
  std::string device = "auto";
  bool allow_skipped = false;
  DecodeOptions decode;  // limits of an image: pixels, bytes of its file
};

struct SelectLabelResult {
  std::filesystem::path folder;
  std::size_t images = 0, blind = 0, pool = 0;
  std::vector<std::string> files;  // names in the folder, for people
  ExitCode exit_code = kDone;
};

/// Chooses what people should label next.
///
/// Of drafts: images without a standing answer and not of the run's seed. A uniform share, whose
/// drafts are not to be shown, tells of all that is left; the others are choose_batch()'s, on the
/// features of the run's backbone, away from what is labelled; of a longer list out of 4,000
/// images, or four times the budget, drawn in proportion to their uncertainty. Writes
/// DRAFTS/selections/NAME (review/selection_output.h), purpose label.
/// Of images: cold_start(); writes `output`, of the same content. Of more than 4,000 images, or
/// four times the budget, out of as many drawn uniformly.
/// Throws UserError.
SelectLabelResult select_label(const SelectLabelOptions& options);

}  // namespace preannotate
