#include "verdict.h"

#include <cstdio>

namespace preannotate {

void Verdict::refuse(std::string because) {
  if (promoted) reason = std::move(because);
  promoted = false;
}

std::string change_words(const std::string& figure, double champion, double challenger, double low,
                         double high) {
  char text[160];
  std::snprintf(text, sizeof text, " %.3f -> %.3f (%+.3f, 95 %% interval %+.3f to %+.3f)", champion,
                challenger, challenger - champion, low, high);
  return figure + text;
}

}  // namespace preannotate
