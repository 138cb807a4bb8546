#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/data/ledger.h"
#include "preannotate/model/run_folder.h"
#include "preannotate/quality/drift.h"
#include "preannotate/quality/strangeness.h"
#include "strange_image.h"

namespace preannotate {

/// Whether the images that predict looks at are like the seed. What it says depends on the ledger's
/// entries alone, so that it is the same after an interruption.
class FolderDrift {
 public:
  static constexpr std::size_t kShown = 24;

  /// `precision`: what the backbone computes in. In int8, or where the reference is, no image is
  /// placed unless both are: the difference alone would look like drift.
  FolderDrift(const RunManifest& run, Precision precision);

  /// Writes how strange the image is into its entry, unless it is one of the seed's, or there is
  /// nothing to compare it with. `features`: the plain view's.
  void place(LedgerEntry& entry, std::span<const float> features) const;
  void add(const LedgerEntry& entry);

  /// summary.json's "drift".
  Json report() const;
  /// The strangest, at most kShown.
  const std::vector<StrangeImage>& strangest() const { return strangest_; }

 private:
  void keep_if_strange(const LedgerEntry& entry);
  Json class_mix_json() const;

  const RunManifest& run_;
  std::optional<StrangenessScale> scale_;
  std::vector<float> mean_, factor_;          // a row is (features - mean) * factor
  std::unordered_set<std::string> contents_;  // of the reference images
  std::vector<StratumTally> strata_;
  std::size_t of_the_seed_ = 0;  // images that are the seed's own
  std::vector<std::size_t> per_class_;
  std::vector<StrangeImage> strangest_;
};

/// "this folder is unlike the seed: ...", for the log; "" for any other verdict. `drift` is what
/// report() gave.
std::string drift_warning(const Json& drift);

}  // namespace preannotate
