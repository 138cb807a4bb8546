#include "out_of_memory.h"

#include <algorithm>
#include <iterator>

namespace preannotate::cli {

bool is_out_of_memory(std::string_view message) {
  constexpr std::string_view kSayings[] = {"allocate memory",
                                           "out of memory",
                                           "failed to map segment",
                                           "cannot create shared object descriptor",
                                           "Resource temporarily unavailable",
                                           "not enough memory"};
  return std::any_of(std::begin(kSayings), std::end(kSayings),
                     [&](std::string_view saying) { return message.find(saying) != message.npos; });
}

}  // namespace preannotate::cli
