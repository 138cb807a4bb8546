#include "preannotate/core/random.h"

namespace preannotate {

std::uint64_t Random::next() {
  state_ += 0x9e3779b97f4a7c15ull;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ull;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebull;
  return mixed ^ (mixed >> 31);
}

std::uint64_t Random::below(std::uint64_t bound) {
  // The lowest 2^64 mod bound values are refused, so that every remainder is equally likely.
  const std::uint64_t refused = -bound % bound;
  for (;;) {
    const std::uint64_t drawn = next();
    if (drawn >= refused) return drawn % bound;
  }
}

double Random::uniform() {
  return static_cast<double>(next() >> 11) * 0x1p-53;
}

}  // namespace preannotate
