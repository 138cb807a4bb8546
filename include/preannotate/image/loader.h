#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/image/augment.h"
#include "preannotate/image/decode.h"

namespace preannotate {

/// One file, read, hashed, decoded and rendered; or why not.
struct LoadedImage {
  size_t index = 0;           // position in the list given to the loader
  std::string sha256;         // of the file's bytes; "" when it could not be read
  int width = 0, height = 0;  // upright frame
  int orientation = 1;
  std::vector<std::uint8_t> views;  // [V, side, side, 3] uint8 RGB or `render`'s; empty on failure
  Picture picture;                  // of at most keep_pixels, in place of views
  std::string warning;              // used with this code, or ""
  std::string reason, detail;       // set on failure
};

struct LoaderOptions {
  std::vector<View> views;
  int side = 224;
  Resize resize = Resize::kSquash;
  DecodeOptions decode;  // without `render`, min_side is set from side and the views' crops
  /// Pictures of so many pixels at most, as decoded, are left to others to make views of.
  std::int64_t keep_pixels = 0;
  int threads = 2;
  int ahead = 16;  // images in flight at most: bounds the memory
  /// When given and true for an image's sha256, its views are not rendered (left empty, no reason):
  /// its features are already cached. Called from several threads.
  std::function<bool(const std::string& sha256)> skip_decode;
  /// When given, makes LoadedImage::views in place of `views`, `side` and `resize`;
  /// `decode.min_side` is then the caller's. Called from several threads.
  std::function<std::vector<std::uint8_t>(const DecodedImage& image, size_t index)> render;
};

/// One file of a list, on the calling thread. Never throws: what fails is the image's reason.
LoadedImage load_image(size_t index, const std::string& path, const LoaderOptions& options);

/// Reads and decodes ahead on threads; next() gives the images in list order. A bad image never
/// changes another's result. Not thread-safe itself. Destroying it early stops the threads.
class ImageLoader {
 public:
  ImageLoader(std::vector<std::string> paths, LoaderOptions options);
  ~ImageLoader();
  std::optional<LoadedImage> next();  // nullopt after the last

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace preannotate
