#pragma once

#include <torch/types.h>

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/engine/network.h"
#include "preannotate/engine/precision.h"

namespace preannotate {

class DeviceNetwork;

/// What is known of a backbone beside its weights.
struct BackboneInfo {
  std::string name, source, licence;
  std::string sha256;                  // of the file
  int input_side = 224;                // pixels it was trained for
  int side_multiple = 1;               // input sides must be multiples of this
  std::array<float, 3> mean{}, std{};  // of pixels scaled to [0, 1]
  std::vector<std::string> stages;     // parameter-name prefixes, input to output
};

/// How feature columns are made of the outputs.
struct FeatureLayout {
  std::int64_t embedding = 0;      // columns [0, embedding)
  std::vector<std::int64_t> maps;  // then the mean over each map: stride 16, stride 32
  std::int64_t total() const;
};

/// One of the backbone's maps with spatial extent.
struct MapLevel {
  int stride = 0;  // input pixels a cell, both ways
  std::int64_t channels = 0;
};

struct BackboneOptions {
  std::filesystem::path path;
  std::string bytes;  // the file's content when it is in memory already; `path` then only names it
  /// Trust a file that no manifest lists (--trust-backbone). TorchScript is code.
  bool trust = false;
  std::string trusted_sha256;  // a hash that the caller vouches for (the run's manifest), or ""
  /// Flags, used where neither the file nor the manifest says.
  std::optional<std::array<float, 3>> mean, std;
  int side = 0;  // --imgsz; 0: the backbone's own
  c10::Device device = c10::kCPU;
  Precision precision = Precision::kFp32;  // on CUDA kFp32 or kBf16
  ActivationRanges ranges;                 // for int8
};

/// A pretrained TorchScript network that turns pixels into features; see interface.md.
class Backbone {
 public:
  /// Reads, hashes, checks trust, loads and tries it on a blank batch. Throws UserError(kBadModel):
  /// missing, no TorchScript, not trusted (says how to allow it), no input statistics, outputs of
  /// another shape; kUsageError for a side that does not fit.
  explicit Backbone(const BackboneOptions& options);
  ~Backbone();
  Backbone(Backbone&&) noexcept;

  const BackboneInfo& info() const;
  const FeatureLayout& layout() const;
  int side() const;  // of the input, pixels
  c10::Device device() const;
  const std::string& bytes() const;  // the file, to copy into a run

  /// pixels [N, side, side, 3] uint8 RGB, contiguous -> [N, layout().total()] float32: the
  /// embedding, then the mean of the stride-16 and the stride-32 map when there are any. From the
  /// compiled, else the frozen network; thread-safe; no gradients.
  torch::Tensor features(const torch::Tensor& pixels) const;

  /// The maps with spatial extent, finest first; empty when the network gives pooled features only.
  const std::vector<MapLevel>& map_levels() const;
  /// pixels [N, H, W, 3] uint8 RGB, contiguous, H and W multiples of every stride and of
  /// info().side_multiple -> one [N, H / stride, W / stride, channels] float32, contiguous, for
  /// each of map_levels(). Thread-safe, no gradients.
  std::vector<torch::Tensor> maps(const torch::Tensor& pixels) const;

  /// How it computes: "fp32 (AVX-512): 1 convolution, 16 blocks, 0 operators of libtorch", or
  /// "fp32 (libtorch): " and why the network was not compiled.
  const std::string& engine() const;
  Precision precision() const;  // kFp32 where it was not compiled, of on_device() on CUDA
  bool compiled() const;
  /// What it runs on CUDA, for more than one stream at once; null on the CPU.
  std::shared_ptr<const DeviceNetwork> on_device() const;
  /// True when a row of features() or maps() does not depend, to the last bit, on the number of
  /// rows: no operator of libtorch takes part.
  bool rows_are_independent() const;

  /// The same at another input side (a multiple of info().side_multiple).
  Backbone at_side(int side) const;
  /// The same in another precision; that of the result is still kFp32 where it cannot be. `ranges`:
  /// what int8 needs.
  Backbone with_precision(Precision precision, const ActivationRanges& ranges = {}) const;
  /// The same, whose features() and maps() also widen `ranges` (empty at first; it must outlive the
  /// result) by their activations. Nothing where the network is not compiled.
  Backbone observing(ActivationRanges& ranges) const;

 private:
  friend class FineTuner;
  struct State;
  explicit Backbone(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

/// models/ of the installation or source tree; PREANNOTATE_MODELS overrides it.
std::filesystem::path models_folder();
/// models_folder() / efficientnet_lite0.pt
std::filesystem::path default_backbone();

}  // namespace preannotate
