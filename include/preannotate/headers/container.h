#pragma once

#include <string>
#include <string_view>

namespace preannotate::headers {

/// What a file is, told by its first bytes, never by its name.
enum class Container { kUnknown, kJpeg, kPng, kWebp, kBmp, kTiff, kRefused };

Container container_of(std::string_view bytes);

/// Why bytes of kUnknown or kRefused are not read.
struct Refusal {
  std::string reason;  // code of the bad-input catalogue
  std::string detail;  // the sentence
};

Refusal refusal_of(std::string_view bytes);

}  // namespace preannotate::headers
