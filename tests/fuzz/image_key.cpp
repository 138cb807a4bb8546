// The path of an image as a file of labels gives it: below whatever folder it is joined to, or a
// UserError.

#include <algorithm>

#include "data/names.h"
#include "fuzz.h"
#include "preannotate/core/text.h"

namespace preannotate::fuzz {
namespace {

namespace fs = std::filesystem;

void check_below(const fs::path& root, const fs::path& key) {
  const fs::path joined = (root / key).lexically_normal();
  const bool below =
      std::mismatch(root.begin(), root.end(), joined.begin(), joined.end()).first == root.end();
  require(below && joined != root, "an image lies below its folder");
  require(std::find(key.begin(), key.end(), "..") == key.end(), "a key has no way up");
}

void test(const std::string& text) {
  std::string key;
  if (!accepts([&] { key = checked_image_key(text, "a.json"); })) return;
  require(checked_image_key(key, "a.json") == key, "a key is in its normal form");
  require(key.find('\0') == key.npos, "a key holds no zero byte");
  for (const fs::path root : {"/data/images", "images"}) {
    check_below(root, key);
    check_below(root, path_from_utf8(key));  // as dataset.h's image_file() joins it
  }
}

}  // namespace
}  // namespace preannotate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  preannotate::fuzz::test(std::string(preannotate::fuzz::text_of(data, size)));
  return 0;
}
