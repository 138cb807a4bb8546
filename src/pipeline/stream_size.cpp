#include "stream_size.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

#include "preannotate/core/log.h"
#include "preannotate/model/device.h"
#include "stopwatch.h"

namespace preannotate {

namespace {

constexpr double kLong_s = 40;  // of the network alone: the trial is a twentieth of it
constexpr double kTrial_s = 2;
constexpr double kFaster = 1.05;  // by less than noise alone, the usual size stays

struct Tried {
  StreamSize size;
  double images_per_s = 0;
};

/// All workers at once on blank pictures.
double images_per_s(const Backbone& backbone, const StreamSize& size, double seconds) {
  std::vector<double> rates(static_cast<size_t>(size.workers));
  std::vector<std::thread> threads;
  for (double& rate : rates) {
    threads.emplace_back([&, &rate = rate] {
      use_one_thread_per_operator();
      const auto pixels =
          torch::full({size.batch, backbone.side(), backbone.side(), 3}, 128, torch::kUInt8);
      backbone.features(pixels);  // makes room for its activations
      const Stopwatch watch;
      int passes = 0;
      do {
        backbone.features(pixels);
        ++passes;
      } while (watch.seconds() < seconds);
      rate = passes * size.batch / watch.seconds();
    });
  }
  for (auto& thread : threads) thread.join();
  double sum = 0;
  for (const double rate : rates) sum += rate;
  return sum;
}

std::vector<Tried> sizes_to_try(int workers, std::optional<int> batch, const StreamSize& usual) {
  std::vector<int> counts{usual.workers}, batches{usual.batch};
  if (workers == 0 && usual.workers > 1) counts.push_back(usual.workers / 2);
  if (!batch) batches = {usual.batch, 1, 2, 8, 16};
  std::vector<Tried> sizes;
  for (const int count : counts) {
    for (const int images : batches) sizes.push_back({{count, images}});
  }
  return sizes;
}

}  // namespace

StreamSize stream_size(int workers, std::optional<int> batch, c10::Device device) {
  constexpr int kOnCuda = 32;
  const int usual = device.is_cuda() ? kOnCuda : StreamSize().batch;
  return {workers > 0 ? workers : usable_cores(), batch.value_or(usual)};
}

StreamSize tried_stream_size(const Backbone& backbone, int workers, std::optional<int> batch,
                             size_t images) {
  const auto usual = stream_size(workers, batch, backbone.device());
  if ((workers > 0 && batch) || !backbone.rows_are_independent()) return usual;

  auto tried = sizes_to_try(workers, batch, usual);
  constexpr int kTurns = 2;
  const double turn_s = kTrial_s / kTurns / static_cast<double>(tried.size());
  if (static_cast<double>(images) / images_per_s(backbone, usual, turn_s) < kLong_s) return usual;
  for (int turn = 0; turn < kTurns; ++turn) {
    for (Tried& one : tried) {
      one.images_per_s = std::max(one.images_per_s, images_per_s(backbone, one.size, turn_s));
    }
  }
  const auto best = std::max_element(
      tried.begin(), tried.end(),
      [](const Tried& a, const Tried& b) { return a.images_per_s < b.images_per_s; });
  const bool faster = best->images_per_s > kFaster * tried.front().images_per_s;
  const StreamSize size = faster ? best->size : usual;
  log_detail(std::to_string(size.workers) + " workers, batches of " + std::to_string(size.batch) +
             ": the network alone would do " + std::to_string(std::lround(best->images_per_s)) +
             " images/s");
  return size;
}

}  // namespace preannotate
