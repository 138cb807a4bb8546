#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace preannotate {

/// Feature maps of many views, kept in bfloat16: half the memory of float32 and, for a head trained
/// on them, the same accuracy. In memory up to a budget; beyond it in a file that has no name, so
/// that nothing is left behind whatever ends the program.
class MapStore {
 public:
  /// One level: cells of a view, and the values of a cell.
  struct Level {
    std::int64_t height = 0, width = 0, channels = 0;
    std::int64_t values() const { return height * width * channels; }
  };

  /// Room for `views` views. Throws UserError(kCannotWrite) when `folder` cannot hold them.
  MapStore(std::vector<Level> levels, std::int64_t views, std::uint64_t memory_budget,
           const std::filesystem::path& folder);
  ~MapStore();
  MapStore(const MapStore&) = delete;
  MapStore& operator=(const MapStore&) = delete;

  const std::vector<Level>& levels() const;
  std::int64_t views() const;
  bool in_memory() const;
  std::uint64_t bytes() const;

  /// maps: one [height, width, channels] float32 a level. Threads may put different views at once.
  void put(std::int64_t view, const std::vector<torch::Tensor>& maps);
  /// One [N, height, width, channels] float32 a level, in the order of `views`.
  std::vector<torch::Tensor> gather(const std::vector<std::int64_t>& views) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace preannotate
