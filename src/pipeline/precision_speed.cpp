#include "precision_speed.h"

#include <algorithm>
#include <limits>

#include "stopwatch.h"

namespace preannotate {

std::vector<double> fastest_passes(const std::vector<const Backbone*>& backbones, FrameSize size) {
  constexpr int kTurns = 8;
  constexpr std::int64_t kPixels = 4 * 224 * 224;  // of a pass: small pictures go several at a time
  const std::int64_t images =
      std::clamp<std::int64_t>(kPixels / (std::int64_t{size.width} * size.height), 1, 4);
  const auto pixels = torch::full({images, size.height, size.width, 3}, 128, torch::kUInt8);
  std::vector<double> fastest(backbones.size(), std::numeric_limits<double>::infinity());
  for (int turn = 0; turn < kTurns; ++turn) {
    for (size_t i = 0; i < backbones.size(); ++i) {
      const Stopwatch watch;
      backbones[i]->features(pixels);
      fastest[i] = std::min(fastest[i], watch.seconds() / static_cast<double>(images));
    }
  }
  return fastest;
}

}  // namespace preannotate
