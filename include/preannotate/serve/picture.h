#pragma once

#include <list>
#include <map>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <string>

#include "preannotate/serve/review_session.h"

namespace preannotate {

/// An image cannot be shown; what() is why, for people.
class PictureError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// JPEGs of images, upright, made when they are asked for. Called from several threads; two decode
/// at a time, which bounds the memory. A file that is gone, damaged or not the one that was drafted
/// is a PictureError.
class Pictures {
 public:
  static constexpr int kLongestSide = 2048, kThumbnailSide = 224;  // pixels

  std::string image(const PictureFile& file);
  /// Keeps the last ones in memory, kKept bytes at most.
  std::string thumbnail(const PictureFile& file);

 private:
  static constexpr size_t kKept = 32u << 20;
  struct Kept {
    std::string image, jpeg;
  };
  std::string made(const PictureFile& file, int side, int quality);

  std::counting_semaphore<2> decoders_{2};
  std::mutex turn_;
  std::list<Kept> kept_;  // the one asked for last comes first
  std::map<std::string, std::list<Kept>::iterator> place_;
  size_t bytes_ = 0;
};

}  // namespace preannotate
