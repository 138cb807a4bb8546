#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

namespace preannotate::engine {

/// Memory aligned to 64 bytes. Move-only.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t bytes);  // zeroed
  ~Buffer();
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;

  void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Buffers of one forward pass at a time, handed out again when they come back: after the first
/// pass no page is touched for the first time.
class BufferPool {
 public:
  /// The smallest free one of at least `bytes`, else a new one. Contents are whatever was there.
  Buffer take(std::size_t bytes);
  void give_back(Buffer buffer);

 private:
  std::vector<Buffer> free_;
};

/// The pools of passes that run at the same time.
class PoolShelf {
 public:
  BufferPool take();
  void give_back(BufferPool pool);

 private:
  std::mutex mutex_;
  std::vector<BufferPool> pools_;
};

}  // namespace preannotate::engine
