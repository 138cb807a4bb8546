#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels.h"

namespace preannotate::engine {

/// What the bytes of an activation stand for, chosen from the least and greatest value of each of
/// its channels.
class Scales {
 public:
  explicit Scales(const std::vector<std::array<float, 2>>& channels);
  std::int64_t channels() const { return channels_; }
  /// Of every channel, and of as many behind them as its stride may have. Of a picture the pattern
  /// of its three channels goes on.
  Quantization view() const { return {scale_.data(), inverse_.data(), zero_}; }

 private:
  std::int64_t channels_;
  std::vector<float> scale_, inverse_;
  float zero_ = 0;
};

}  // namespace preannotate::engine
