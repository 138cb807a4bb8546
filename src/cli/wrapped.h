#pragma once

#include <string>

namespace preannotate::cli {

/// Words broken to lines of at most 79 columns, of which the first begins behind the word that
/// says what it is ("because  "); the others are indented as far.
std::string wrapped(const std::string& text);

}  // namespace preannotate::cli
