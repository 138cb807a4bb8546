#include "detector_mosaics.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "preannotate/core/random.h"
#include "preannotate/model/detect.h"
#include "seed_views.h"

namespace preannotate {

namespace {

/// Four views side by side, and what is in them; boxes that come out under 2 px are left out.
ViewTruth mosaic_of(const std::vector<std::vector<std::uint8_t>>& frames,
                    const std::vector<ViewTruth>& truth, FrameSize frame, std::uint8_t* out) {
  const std::uint8_t* parts[4];
  for (int i = 0; i < 4; ++i) parts[i] = frames[static_cast<size_t>(i)].data();
  render_mosaic(parts, frame, out);
  ViewTruth all;
  for (int i = 0; i < 4; ++i) {
    const ViewTruth& part = truth[static_cast<size_t>(i)];
    for (size_t b = 0; b < part.boxes.size(); ++b) {
      const Box box = quarter_box(part.boxes[b], i, frame);
      if (box.width() < 2 || box.height() < 2) continue;
      all.boxes.push_back(box);
      all.categories.push_back(part.categories[b]);
    }
    for (const Box& box : part.ignored) all.ignored.push_back(quarter_box(box, i, frame));
  }
  return all;
}

/// The mosaics of one item: views of its image and of three others.
class Mosaics {
 public:
  Mosaics(const Backbone& backbone, const Dataset& seed, const DetectorPlan& plan,
          std::uint64_t random_seed, SeedMaps& found)
      : backbone_(backbone),
        plan_(plan),
        random_seed_(random_seed),
        views_(seed, plan, random_seed),
        found_(found) {
    for (const auto& level : backbone.map_levels()) map_strides_.push_back(level.stride);
  }

  void add(size_t image, size_t item) const {
    Random random(random_seed_ + 0x2545f4914f6cdd1dull * (item + 1));
    const FrameSize frame = plan_.view.frame;
    const auto pixels = torch::empty({1, frame.height, frame.width, 3}, torch::kUInt8);
    for (int m = 0; m < plan_.policy.mosaics; ++m) {
      std::vector<std::vector<std::uint8_t>> frames(
          4, std::vector<std::uint8_t>(size_t{3} * frame.width * frame.height));
      std::vector<ViewTruth> truth;
      for (size_t i = 0; i < 4; ++i) {
        const size_t other = i == 0 ? image : random.below(found_.samples.size());
        const auto placements = views_(found_.samples[other]);
        truth.push_back(views_.render(
            found_.samples[other], placements[random.below(placements.size())], frames[i].data()));
      }
      const auto row =
          static_cast<std::int64_t>(item) * found_.data.views_per_item + plan_.policy.views + m;
      found_.data.truth[static_cast<size_t>(row)] =
          mosaic_of(frames, truth, frame, pixels.mutable_data_ptr<std::uint8_t>());
      auto maps = maps_for(plan_.shape, map_strides_, backbone_.maps(pixels));
      std::erase_if(maps, [](const torch::Tensor& map) { return !map.defined(); });
      for (auto& map : maps) map = map[0];
      found_.maps->put(row, maps);
    }
  }

 private:
  const Backbone& backbone_;
  const DetectorPlan& plan_;
  std::vector<int> map_strides_;
  std::uint64_t random_seed_;
  SeedViews views_;
  SeedMaps& found_;
};

}  // namespace

void add_mosaics(const Backbone& backbone, const Dataset& seed, const DetectorPlan& plan,
                 const SeedMapsOptions& options, SeedMaps& found) {
  if (plan.policy.mosaics == 0 || found.samples.empty()) return;
  const Mosaics mosaics(backbone, seed, plan, options.seed, found);
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  std::vector<std::thread> threads;
  for (int t = 0; t < options.workers; ++t) {
    threads.emplace_back([&] {
      at::set_num_threads(1);
      const c10::InferenceMode no_gradients;
      try {
        for (size_t image; (image = next++) < found.samples.size();) {
          for (const size_t item : found.items[image]) mosaics.add(image, item);
        }
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace preannotate
