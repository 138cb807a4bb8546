#pragma once

#include <string>

namespace preannotate {

/// One of the images that are most unlike the seed.
struct StrangeImage {
  std::string image;                     // key
  std::string drafted;                   // its classes, "a, b"; "" for none
  double strangeness = 0, distance = 0;  // as in LedgerEntry
};

}  // namespace preannotate
