#include "preannotate/image/spare_bytes.h"

#include <algorithm>
#include <utility>

namespace preannotate {
namespace {

constexpr std::size_t kMostKept = 64;

std::vector<std::vector<std::uint8_t>>& shelf() {
  thread_local std::vector<std::vector<std::uint8_t>> kept;
  return kept;
}

}  // namespace

void keep_spare(std::vector<std::uint8_t> bytes) {
  auto& kept = shelf();
  if (bytes.empty() || bytes.capacity() > kLargestSpare || kept.size() == kMostKept) return;
  kept.push_back(std::move(bytes));
}

std::vector<std::uint8_t> spare_bytes(std::size_t size) {
  auto& kept = shelf();
  // The smallest that holds them: what is large stays for what is.
  auto best = kept.end();
  for (auto it = kept.begin(); it != kept.end(); ++it) {
    if (it->capacity() >= size && (best == kept.end() || it->capacity() < best->capacity()))
      best = it;
  }
  if (best == kept.end()) {
    // In place of the largest, so that no more is kept than was in use at once.
    const auto largest =
        std::ranges::max_element(kept, {}, [](const auto& bytes) { return bytes.capacity(); });
    if (largest != kept.end()) kept.erase(largest);
    return std::vector<std::uint8_t>(size);
  }
  std::swap(*best, kept.back());
  auto bytes = std::move(kept.back());
  kept.pop_back();
  bytes.resize(size);
  return bytes;
}

}  // namespace preannotate
