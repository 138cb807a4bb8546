#include "names_alike.h"

#include <utf8proc.h>

#include <cstdlib>
#include <map>

namespace preannotate {
namespace {

/// Text that is not valid UTF-8 stands for itself.
std::string mapped(const std::string& text, int options) {
  utf8proc_uint8_t* out = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &out,
                                   static_cast<utf8proc_option_t>(options));
  if (length < 0) return text;
  std::string result(reinterpret_cast<char*>(out), static_cast<size_t>(length));
  std::free(out);
  return result;
}

}  // namespace

std::vector<NamesAlike> names_alike(const std::vector<std::string>& keys) {
  constexpr int kComposed = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
  std::map<std::string, std::string> by_folded;
  std::vector<NamesAlike> alike;
  for (const auto& key : keys) {
    const auto [first, added] =
        by_folded.try_emplace(mapped(key, kComposed | UTF8PROC_CASEFOLD), key);
    if (added) continue;
    alike.push_back(
        {first->second, key, mapped(first->second, kComposed) == mapped(key, kComposed)});
  }
  return alike;
}

}  // namespace preannotate
