#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace preannotate {

constexpr std::size_t kLargestSpare = 16u << 20;  // bytes; memory above it is given back

/// Pixels that a thread is done with, kept for what it makes next: image after image then takes
/// nothing from the system and clears nothing. A thread keeps no more than it once used at the same
/// time, 64 at most, none above kLargestSpare.
void keep_spare(std::vector<std::uint8_t> bytes);

/// `size` bytes of whatever was there.
std::vector<std::uint8_t> spare_bytes(std::size_t size);

}  // namespace preannotate
