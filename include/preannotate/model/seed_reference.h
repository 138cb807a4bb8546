#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/engine/precision.h"

namespace preannotate {

/// Images of the seed that a run keeps, so that predict can tell how unlike them others are.
struct SeedReference {
  torch::Tensor mean;     // [D] float32
  torch::Tensor scale;    // [D] float32: rows are (features - mean) * scale
  torch::Tensor rows;     // [N, D] float16
  torch::Tensor classes;  // [N] int64, given by a model that had not learned from the image
  std::vector<std::string> contents;  // [N] of each file the first 16 hex digits of its SHA-256

  /// What the backbone computed them in: int8 alone moves features by enough to be found
  /// (dsb_small: AUC 0.76 for int8 held against fp32, 0.58 for the same images in fp32).
  Precision precision = Precision::kFp32;

  std::int64_t images() const { return rows.size(0); }
};

/// Of images that a reference may keep.
struct ReferenceImages {
  torch::Tensor features;            // [N, D] float32
  std::vector<std::int64_t> blocks;  // widths of column blocks, which are scaled apart
  std::vector<std::int64_t> classes;
  std::vector<std::string> sha256;
  Precision precision = Precision::kFp32;
};

/// Images of the same content once, and at most 1,000, drawn by `seed`. One scale a block: scales a
/// feature that are estimated from few images make others look strange (30 images of clothing
/// against 150 more: AUC 0.66 where 0.5 is right), and find no more. A squared distance is the
/// mean of those in the blocks, each in units of its mean between two images.
SeedReference seed_reference(const ReferenceImages& images, std::uint64_t seed);

/// As reference.pt holds it. Throws UserError(kBadModel) naming `path` for anything else.
std::string reference_bytes(const SeedReference& reference);
SeedReference reference_from(const std::string& bytes, const std::filesystem::path& path);

}  // namespace preannotate
