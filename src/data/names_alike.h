#pragma once

#include <string>
#include <utility>
#include <vector>

namespace preannotate {

/// Two image keys that other systems take for one: they differ in upper and lower case only (macOS,
/// Windows), or in how Unicode composes their letters (macOS).
struct NamesAlike {
  std::string first, second;
  bool same_letters;  // composed differently, the case is the same
};

/// Of keys in any order; a key is named with the first that it is like.
std::vector<NamesAlike> names_alike(const std::vector<std::string>& keys);

}  // namespace preannotate
