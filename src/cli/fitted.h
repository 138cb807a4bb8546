#pragma once

#include <string>

namespace preannotate::cli {

/// The text in `width` columns: filled up with spaces, or its start and "...", or "..." and its
/// end.
std::string fitted(const std::string& name, int width, bool keep_end = false);

}  // namespace preannotate::cli
