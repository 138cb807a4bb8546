#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "preannotate/core/error.h"

namespace preannotate::fuzz {

/// Ends the program when a property does not hold, so that libFuzzer keeps the input.
void require(bool holds, std::string_view property);

/// An empty folder of this process below $TMPDIR, which scripts/fuzz.sh puts into memory.
std::filesystem::path fresh_folder(const char* name);

/// Writes the bytes, making parent folders.
void put_file(const std::filesystem::path& path, std::string_view bytes);

/// Runs `part`, whose only exception may be `Expected`; false when it threw that.
template <class Expected = UserError, class Part>
bool accepts(const Part& part) {
  try {
    part();
    return true;
  } catch (const Expected& error) {
    require(*error.what() != '\0', "an error says something");
    return false;
  }
}

inline std::string_view text_of(const std::uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace preannotate::fuzz

/// What libFuzzer calls with each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size);
