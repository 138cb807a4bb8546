#pragma once

namespace preannotate::report {

/// The page's style sheet: light and dark, phone and print.
extern const char* const kStyle;

}  // namespace preannotate::report
