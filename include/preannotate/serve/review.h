#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "preannotate/serve/review_session.h"

namespace preannotate {

struct ReviewOptions {
  SessionOptions session;
  std::uint16_t port = 0;    // 0: any free one
  bool open_browser = true;  // where there is a display
  /// Called once with the page's address, as soon as it is served.
  std::function<void(const std::string& url)> serving;
};

struct ReviewResult {
  size_t asked = 0, answered = 0;   // images of the session; of them answered, by whomever
  std::vector<ReviewerPace> paces;  // since the program began
};

/// Serves the page until SIGINT or SIGTERM comes, which is its regular end. Returns at once when
/// there is no image to look at. Throws UserError.
ReviewResult review(const ReviewOptions& options);

}  // namespace preannotate
