#pragma once

#include <string>
#include <vector>

namespace preannotate {

struct Finding {
  std::string what, found;
};

/// What this build and machine can do, and whether the default backbone is whole.
struct Diagnosis {
  std::vector<Finding> findings;
  bool healthy = true;
};

Diagnosis diagnose();

}  // namespace preannotate
