#pragma once

#include <filesystem>
#include <string>

#include "preannotate/image/decode.h"

namespace preannotate {

/// JPEG bytes of an image file no larger than a report shows it; "" when it cannot be read.
std::string thumbnail_of_file(const std::filesystem::path& path, DecodeOptions limits);

}  // namespace preannotate
