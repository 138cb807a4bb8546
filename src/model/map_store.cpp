#include "preannotate/model/map_store.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "preannotate/core/error.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

/// A file without a name of `bytes` bytes in `folder`, its blocks reserved now rather than missing
/// later.
int unnamed_file(const fs::path& folder, std::uint64_t bytes) {
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  std::string name = (folder / "maps-XXXXXX").string();
  const int file = mkstemp(name.data());
  if (file < 0) throw UserError(kCannotWrite, folder, ": ", std::strerror(errno));
  unlink(name.c_str());
  if (const int error = posix_fallocate(file, 0, static_cast<off_t>(bytes)); error != 0) {
    close(file);
    throw UserError(kCannotWrite, folder, " has no room for ", bytes >> 20, " MB of feature maps (",
                    std::strerror(error),
                    "); set PREANNOTATE_CACHE to another folder or train on smaller images");
  }
  return file;
}

}  // namespace

struct MapStore::State {
  std::vector<Level> levels;
  std::int64_t views = 0;
  std::uint64_t bytes = 0;
  bool in_memory = true;
  void* memory = nullptr;
  std::vector<torch::Tensor> maps;  // [views, height, width, channels] bfloat16 each

  ~State() {
    maps.clear();
    if (memory) munmap(memory, bytes);
  }
};

MapStore::MapStore(std::vector<Level> levels, std::int64_t views, std::uint64_t memory_budget,
                   const fs::path& folder)
    : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.levels = std::move(levels);
  s.views = views;
  for (const Level& level : s.levels) s.bytes += 2u * level.values() * views;
  s.in_memory = s.bytes <= memory_budget;
  if (s.bytes == 0) return;  // which mmap() refuses
  const int file = s.in_memory ? -1 : unnamed_file(folder, s.bytes);
  const int flags = s.in_memory ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
  void* memory = mmap(nullptr, s.bytes, PROT_READ | PROT_WRITE, flags, file, 0);
  const int error = errno;
  if (file >= 0) close(file);
  if (memory == MAP_FAILED) {
    throw UserError(kCannotWrite, "no room for ", s.bytes >> 20,
                    " MB of feature maps: ", std::strerror(error));
  }
  s.memory = memory;
  auto* next = static_cast<char*>(memory);
  for (const Level& level : s.levels) {
    s.maps.push_back(torch::from_blob(next, {views, level.height, level.width, level.channels},
                                      torch::kBFloat16));
    next += 2 * level.values() * views;
  }
}

MapStore::~MapStore() = default;

const std::vector<MapStore::Level>& MapStore::levels() const {
  return state_->levels;
}
std::int64_t MapStore::views() const {
  return state_->views;
}
bool MapStore::in_memory() const {
  return state_->in_memory;
}
std::uint64_t MapStore::bytes() const {
  return state_->bytes;
}

void MapStore::put(std::int64_t view, const std::vector<torch::Tensor>& maps) {
  for (size_t i = 0; i < maps.size(); ++i) state_->maps[i][view].copy_(maps[i]);
}

std::vector<torch::Tensor> MapStore::gather(const std::vector<std::int64_t>& views) const {
  std::vector<torch::Tensor> gathered;
  for (size_t i = 0; i < state_->maps.size(); ++i) {
    const Level& level = state_->levels[i];
    auto rows = torch::empty(
        {static_cast<std::int64_t>(views.size()), level.height, level.width, level.channels});
    for (size_t k = 0; k < views.size(); ++k) {
      rows[static_cast<std::int64_t>(k)].copy_(state_->maps[i][views[k]]);
    }
    gathered.push_back(rows);
  }
  return gathered;
}

}  // namespace preannotate
