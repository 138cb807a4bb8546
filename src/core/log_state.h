#pragma once

#include <string_view>

#include "preannotate/core/log.h"

namespace preannotate {

Verbosity log_verbosity();

/// Writes to stderr as it is. `leaves_bar`: a progress bar now stands on the terminal's last line,
/// which the next line logged wipes first.
void write_to_terminal(std::string_view text, bool leaves_bar);

}  // namespace preannotate
