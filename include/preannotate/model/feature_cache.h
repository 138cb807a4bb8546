#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace preannotate {

/// Features on disk, keyed by image content and everything that shaped them, so that training again
/// with more labels extracts only what is new. A damaged or short entry counts as absent.
/// Thread-safe: entries are written to a temporary and renamed.
class FeatureCache {
 public:
  /// `setting`: backbone hash, side, resize, views, program's feature version. An empty `folder`
  /// makes a cache that holds nothing.
  FeatureCache(const std::filesystem::path& folder, const std::string& setting);

  /// True when read() will give them.
  bool has(const std::string& image_sha256, size_t size) const;
  /// Empty when absent, damaged or not of `size` floats.
  std::vector<float> read(const std::string& image_sha256, size_t size) const;
  /// A cache that cannot be written is no error: the features are computed again next time.
  void write(const std::string& image_sha256, const std::vector<float>& features) const;

 private:
  std::filesystem::path entry(const std::string& image_sha256) const;
  std::filesystem::path folder_;
};

}  // namespace preannotate
