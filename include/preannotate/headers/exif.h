#pragma once

#include <string_view>

namespace preannotate {

/// EXIF orientation (1-8) of JPEG, PNG (eXIf), WebP (EXIF chunk) or TIFF bytes; 1 when there is
/// none, or when it is broken, out of range, looping or points outside the data. Never throws,
/// reads only inside `bytes`, and visits a bounded number of entries.
int exif_orientation(std::string_view bytes);

}  // namespace preannotate
