// Reads a file of labels and prints what is in it: scripts/bench/read_labels.py measures its time
// and memory.

#include <iostream>
#include <nlohmann/json.hpp>

#include "preannotate/core/json.h"
#include "preannotate/data/format.h"

int main(int, char** arguments) {
  try {
    const auto dataset = preannotate::read_dataset(arguments[1], "");
    size_t labels = 0, outlines = 0;
    for (const auto& sample : dataset.samples) {
      labels += sample.labels.size();
      for (const auto& label : sample.labels) outlines += !label.segmentation.empty();
    }
    std::cout << preannotate::json_text({{"images", dataset.samples.size()},
                                         {"labels", labels},
                                         {"outlines", outlines},
                                         {"problems", dataset.problems.size()}})
              << '\n';
  } catch (const preannotate::UserError& error) {
    std::cerr << error.what() << '\n';
    return error.exit_code();
  }
}
