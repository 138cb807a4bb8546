#include "preannotate/model/feature_cache.h"

#include <atomic>
#include <cstring>
#include <fstream>
#include <system_error>

#include <unistd.h>

#include "preannotate/core/hash.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

// An entry is its floats, then the first 16 hex digits of their SHA-256.
constexpr size_t kCheckDigits = 16;

std::string check_digits(std::string_view floats) {
  return sha256(floats).substr(0, kCheckDigits);
}

}  // namespace

FeatureCache::FeatureCache(const fs::path& folder, const std::string& setting) {
  if (!folder.empty()) folder_ = folder / sha256(setting).substr(0, 16);
}

fs::path FeatureCache::entry(const std::string& image_sha256) const {
  return folder_ / image_sha256.substr(0, 2) / image_sha256.substr(2);
}

bool FeatureCache::has(const std::string& image_sha256, size_t size) const {
  return !read(image_sha256, size).empty();
}

std::vector<float> FeatureCache::read(const std::string& image_sha256, size_t size) const {
  if (folder_.empty()) return {};
  std::ifstream file(entry(image_sha256), std::ios::binary);
  std::string bytes(size * sizeof(float) + kCheckDigits, '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) ||
      file.peek() != std::ifstream::traits_type::eof()) {
    return {};
  }
  const std::string_view floats(bytes.data(), size * sizeof(float));
  if (check_digits(floats) != bytes.substr(floats.size())) return {};
  std::vector<float> features(size);
  std::memcpy(features.data(), floats.data(), floats.size());
  return features;
}

void FeatureCache::write(const std::string& image_sha256,
                         const std::vector<float>& features) const {
  if (folder_.empty()) return;
  static std::atomic<unsigned> count{0};
  const fs::path path = entry(image_sha256);
  const fs::path temporary =
      path.string() + "." + std::to_string(getpid()) + "-" + std::to_string(count++);
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  const std::string_view floats(reinterpret_cast<const char*>(features.data()),
                                features.size() * sizeof(float));
  {
    std::ofstream file(temporary, std::ios::binary);
    file << floats << check_digits(floats);
    if (!file.flush()) {
      fs::remove(temporary, ignored);
      return;
    }
  }
  fs::rename(temporary, path, ignored);
  if (ignored) fs::remove(temporary, ignored);
}

}  // namespace preannotate
