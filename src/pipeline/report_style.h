#pragma once

namespace preannotate::report {

/// The page's style sheet: light and dark, phone and print.
extern const char* const kStyle;

/// What the page of a detector adds.
extern const char* const kDetectionStyle;

}  // namespace preannotate::report
