#include "buffer_pool.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace preannotate::engine {

namespace {

constexpr std::size_t kAlignment = 64;

}  // namespace

Buffer::Buffer(std::size_t bytes) : bytes_((bytes + kAlignment - 1) / kAlignment * kAlignment) {
  data_ = std::aligned_alloc(kAlignment, bytes_);
  if (!data_) throw std::bad_alloc();
  std::memset(data_, 0, bytes_);
}

Buffer::~Buffer() {
  std::free(data_);
}

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Buffer BufferPool::take(std::size_t bytes) {
  auto best = free_.end();
  for (auto it = free_.begin(); it != free_.end(); ++it) {
    if (it->bytes() >= bytes && (best == free_.end() || it->bytes() < best->bytes())) best = it;
  }
  if (best == free_.end()) return Buffer(bytes);
  Buffer taken = std::move(*best);
  free_.erase(best);
  return taken;
}

void BufferPool::give_back(Buffer buffer) {
  if (buffer.data()) free_.push_back(std::move(buffer));
}

BufferPool PoolShelf::take() {
  const std::lock_guard lock(mutex_);
  if (pools_.empty()) return {};
  BufferPool pool = std::move(pools_.back());
  pools_.pop_back();
  return pool;
}

void PoolShelf::give_back(BufferPool pool) {
  const std::lock_guard lock(mutex_);
  pools_.push_back(std::move(pool));
}

}  // namespace preannotate::engine
