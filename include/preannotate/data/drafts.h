#pragma once

#include <filesystem>

#include "preannotate/data/dataset.h"

namespace preannotate {

/// True for a folder that predict wrote (it has drafts.jsonl).
bool is_drafts_folder(const std::filesystem::path& path);

/// The images of a drafts folder that were looked at: people's labels where their answer stands
/// (bucket answered), the ledger's drafts elsewhere. Images are looked for
/// where run.json says that the source was. Throws UserError(kBadInput) with file:line.
Dataset read_drafts(const std::filesystem::path& folder);

}  // namespace preannotate
