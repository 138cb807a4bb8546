#pragma once

#include <filesystem>
#include <string_view>

#include "preannotate/pipeline/seed.h"

namespace preannotate {

/// The labelled images of `data` and, unless it is "", of `pool` as one set: categories are joined
/// by name; an image of the pool whose path `data` has too gets "pool/" before it. Throws what
/// read_seed() throws, and UserError(kBadInput) when both are not of one task.
Seed read_pair(const std::filesystem::path& data, const std::filesystem::path& pool,
               std::string_view format, std::string_view task);

}  // namespace preannotate
