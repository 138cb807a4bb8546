#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/data/ledger.h"

namespace preannotate::testing_support {

/// A drafts folder as predict writes it, but for its formats.
void write_draft_folder(const std::filesystem::path& folder, const std::string& task,
                        const std::vector<std::string>& categories,
                        const std::vector<LedgerEntry>& entries);

/// An image of 640 x 480 to be reviewed, with a box of category 0 and one of category 1.
LedgerEntry two_boxes(const std::string& image);

/// Drafts of one class an image, and what is true.
struct DraftedWorld {
  std::vector<std::string> categories{"ant", "bee", "cow"};
  std::vector<LedgerEntry> entries;
  std::vector<int> truth;  // category of each
};

/// `count` images "img/0000.jpg", ...; draft i has score s = (i + 1/2) / count and is wrong with
/// probability `error` * 2 * (1 - s), by `seed`.
DraftedWorld drafted_world(size_t count, double error, std::uint64_t seed);

/// The world's truth for the images in `rows` as path,label lines.
std::string answers_csv(const DraftedWorld& world, const std::vector<std::string>& images);

}  // namespace preannotate::testing_support
