#pragma once

#include <filesystem>

namespace preannotate {

/// Makes renames in `folder` last through a power cut. Throws UserError(kCannotWrite).
void sync_folder(const std::filesystem::path& folder);

}  // namespace preannotate
