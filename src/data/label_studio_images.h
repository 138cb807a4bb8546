#pragma once

#include <string>

#include "preannotate/core/json.h"

namespace preannotate {

/// The image that a task's `data` is about: the key that our own tasks carry (pa_image), else what
/// Label Studio made of the file's name: below the document root of local files, an upload without
/// the 8 hex digits before it, or the last part of an address (which is never fetched). Throws
/// UserError(kBadInput) naming `where`.
std::string label_studio_image(const Json& data, const std::string& where);

}  // namespace preannotate
