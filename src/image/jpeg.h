#pragma once

#include <string_view>

#include "preannotate/image/decode.h"

namespace preannotate::image {

/// Decodes with libjpeg-turbo, before EXIF. Fills everything of DecodedImage but `orientation`;
/// `width` and `height` are the stored frame's.
DecodedImage decode_jpeg(std::string_view bytes, const DecodeOptions& options);

}  // namespace preannotate::image
