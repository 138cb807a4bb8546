#include "preannotate/model/detector.h"

#include <torch/torch.h>

#include <cmath>

#include "depthwise.h"
#include "norm_silu.h"
#include "preannotate/core/error.h"

namespace preannotate {

namespace {

// A class score before anything is learned: most cells hold no object.
constexpr double kScoreAtStart = 0.02;
// Keeps exp() of a wild prediction finite, in strides.
constexpr double kLargestLogDistance = 5;

std::string at_level(const std::string& name, size_t level) {
  return name + "." + std::to_string(level);
}

torch::Tensor random_weight(at::IntArrayRef sizes, std::int64_t inputs, at::Generator& generator) {
  return torch::randn(sizes, generator) * std::sqrt(2.0 / static_cast<double>(inputs));
}

/// [N, H, W, C] -> [N, 2H, 2W, C], each cell four times.
torch::Tensor doubled(const torch::Tensor& x) {
  return torch::upsample_nearest2d(x.permute({0, 3, 1, 2}), {2 * x.size(1), 2 * x.size(2)})
      .permute({0, 2, 3, 1});
}

/// [N, 2H, 2W, C] -> [N, H, W, C], the mean of each four cells.
torch::Tensor halved(const torch::Tensor& x) {
  return torch::avg_pool2d(x.permute({0, 3, 1, 2}), 2).permute({0, 2, 3, 1});
}

torch::Tensor added(const torch::Tensor& a, const torch::Tensor& b) {
  return a.defined() ? a + b : b;
}

bool is_statistic(const std::string& name) {
  return name.ends_with(".running_mean") || name.ends_with(".running_var");
}

}  // namespace

void Detector::add(const std::string& name, torch::Tensor value, bool trained) {
  position_[name] = weights_.size();
  weights_.emplace_back(name, value.set_requires_grad(trained));
}

void Detector::add_norm(const std::string& name) {
  const auto c = shape_.channels;
  add(name + ".gain", torch::ones({c}), true);
  add(name + ".shift", torch::zeros({c}), true);
  add(name + ".running_mean", torch::zeros({c}), false);
  add(name + ".running_var", torch::ones({c}), false);
}

void Detector::add_layer(const std::string& name, at::Generator& generator) {
  const auto c = shape_.channels;
  add(name + ".depthwise", random_weight({25, c}, 25, generator), true);
  add(name + ".pointwise", random_weight({c, c}, c, generator), true);
}

Detector::Detector(DetectorShape shape, std::uint64_t seed) : shape_(std::move(shape)) {
  auto generator = at::detail::createCPUGenerator(seed);
  const auto c = shape_.channels;
  const size_t levels = shape_.strides.size();
  for (size_t i = 0; i < levels; ++i) {
    const auto channels = shape_.map_channels[i];
    if (channels > 0) {
      add(at_level("lateral", i) + ".pointwise", random_weight({c, channels}, channels, generator),
          true);
      add_norm(at_level("lateral", i));
    }
    if (i + 1 < levels) {
      add_layer(at_level("down", i), generator);
      add_norm(at_level("down", i));
    }
    if (i > 0) {
      add_layer(at_level("up", i), generator);
      add_norm(at_level("up", i));
    }
  }
  for (const char* tower : {"class", "box"}) {
    for (size_t depth = 0; depth < 2; ++depth) {
      const std::string name = at_level(tower, depth);
      add_layer(name, generator);
      for (size_t i = 0; i < levels; ++i) add_norm(at_level(name, i));
    }
  }
  add("logits.weight", torch::randn({shape_.classes, c}, generator) * 0.01, true);
  add("logits.bias", torch::full({shape_.classes}, std::log(kScoreAtStart / (1 - kScoreAtStart))),
      true);
  add("distances.weight", torch::randn({4, c}, generator) * 0.01, true);
  add("distances.bias", torch::zeros({static_cast<std::int64_t>(levels), 4}), true);
}

Detector::Detector(DetectorShape shape, double typical_width, double typical_height,
                   std::uint64_t seed)
    : Detector(std::move(shape), seed) {
  torch::NoGradGuard no_gradients;
  auto bias = weight("distances.bias");
  for (size_t i = 0; i < shape_.strides.size(); ++i) {
    const double half_width = std::log(typical_width / 2 / shape_.strides[i]);
    const double half_height = std::log(typical_height / 2 / shape_.strides[i]);
    bias[static_cast<std::int64_t>(i)].copy_(
        torch::tensor({half_width, half_height, half_width, half_height}));
  }
}

Detector::Detector(DetectorShape shape,
                   const std::vector<std::pair<std::string, torch::Tensor>>& weights,
                   const std::string& where)
    : Detector(std::move(shape), 0) {
  if (weights.size() != weights_.size()) {
    throw UserError(kBadModel, where, " holds ", weights.size(), " tensors, its head has ",
                    weights_.size());
  }
  for (const auto& [name, value] : weights) {
    const auto found = position_.find(name);
    if (found == position_.end()) {
      throw UserError(kBadModel, where, ": tensor '", name, "' is none of this head's");
    }
    auto& mine = weights_[found->second].second;
    if (value.sizes() != mine.sizes()) {
      throw UserError(kBadModel, where, ": tensor '", name, "' has shape ", value.sizes(),
                      ", its head needs ", mine.sizes());
    }
    mine = value.to(torch::kFloat32).contiguous().set_requires_grad(false);
  }
}

const torch::Tensor& Detector::weight(const std::string& name) const {
  return weights_[position_.at(name)].second;
}

std::vector<torch::Tensor> Detector::trained() const {
  std::vector<torch::Tensor> tensors;
  for (const auto& [name, value] : weights_) {
    if (!is_statistic(name)) tensors.push_back(value);
  }
  return tensors;
}

Detector Detector::copy() const {
  Detector other = *this;
  other.packed_.reset();
  for (auto& [name, value] : other.weights_) {
    value = value.detach().cpu().clone().set_requires_grad(!is_statistic(name));
  }
  return other;
}

/// Of the layer `name` with the BatchNorm `norm`, its running statistics folded.
LayerWeights Detector::layer_weights(const std::string& name, const std::string& norm) const {
  const auto filter = position_.find(name + ".depthwise");
  const auto scale = weight(norm + ".gain") / (weight(norm + ".running_var") + kNormEpsilon).sqrt();
  return {filter == position_.end() ? torch::Tensor() : weights_[filter->second].second,
          weight(name + ".pointwise"), scale,
          weight(norm + ".shift") - weight(norm + ".running_mean") * scale};
}

Detector Detector::for_inference(c10::Device device) const {
  torch::NoGradGuard no_gradients;
  Detector ready = *this;
  if (!device.is_cpu()) {
    for (auto& [name, value] : ready.weights_) value = value.detach().to(device);
    return ready;
  }
  auto packed = std::make_shared<PackedLayers>();
  constexpr std::string_view kGain = ".gain";
  for (const auto& [weight_name, value] : weights_) {
    if (!weight_name.ends_with(kGain)) continue;
    const auto norm = weight_name.substr(0, weight_name.size() - kGain.size());
    // A tower's layer has a norm for each level: class.0.2 is level 2's of layer class.0.
    const bool shared = !position_.contains(norm + ".pointwise");
    const auto name = shared ? norm.substr(0, norm.rfind('.')) : norm;
    packed->emplace(norm, PackedLayer(layer_weights(name, norm)));
  }
  ready.packed_ = std::move(packed);
  return ready;
}

torch::Tensor Detector::normalized(const torch::Tensor& x, const std::string& norm,
                                   bool training) const {
  return norm_silu(x, weight(norm + ".gain"), weight(norm + ".shift"),
                   weight(norm + ".running_mean"), weight(norm + ".running_var"), training);
}

torch::Tensor Detector::lateral(const torch::Tensor& map, const std::string& name,
                                bool training) const {
  if (packed_ && !training) return packed_->at(name).forward(map.contiguous());
  return normalized(torch::linear(map, weight(name + ".pointwise")), name, training);
}

torch::Tensor Detector::layer(const torch::Tensor& x, const std::string& name,
                              const std::string& norm, bool training) const {
  if (packed_ && !training) return packed_->at(norm).forward(x.contiguous());
  const auto y = depthwise_5x5(x, weight(name + ".depthwise"));
  return normalized(torch::linear(y, weight(name + ".pointwise")), norm, training);
}

/// One [N, H, W, channels] a level.
std::vector<torch::Tensor> Detector::neck(const std::vector<torch::Tensor>& maps,
                                          bool training) const {
  const size_t levels = shape_.strides.size();
  std::vector<torch::Tensor> from_maps(levels), out(levels);
  for (size_t i = 0; i < levels; ++i) {
    if (shape_.map_channels[i] == 0) continue;
    from_maps[i] = lateral(maps[i], at_level("lateral", i), training);
  }
  out[levels - 1] = from_maps[levels - 1];
  for (size_t i = levels - 1; i-- > 0;) {
    const std::string name = at_level("down", i);
    out[i] = layer(added(from_maps[i], doubled(out[i + 1])), name, name, training);
  }
  for (size_t i = 1; i < levels; ++i) {
    const std::string name = at_level("up", i);
    out[i] = layer(out[i] + halved(out[i - 1]), name, name, training);
  }
  return out;
}

CellPredictions Detector::forward(const std::vector<torch::Tensor>& maps, bool training) const {
  const auto levels = neck(maps, training);
  std::vector<torch::Tensor> logits, distances;
  for (size_t i = 0; i < levels.size(); ++i) {
    auto for_class = levels[i], for_box = levels[i];
    for (size_t depth = 0; depth < 2; ++depth) {
      const std::string c = at_level("class", depth), b = at_level("box", depth);
      for_class = layer(for_class, c, at_level(c, i), training);
      for_box = layer(for_box, b, at_level(b, i), training);
    }
    logits.push_back(
        torch::linear(for_class, weight("logits.weight"), weight("logits.bias")).flatten(1, 2));
    const auto bias = weight("distances.bias")[static_cast<std::int64_t>(i)];
    distances.push_back(torch::linear(for_box, weight("distances.weight"), bias)
                            .clamp_max(kLargestLogDistance)
                            .exp()
                            .flatten(1, 2));
  }
  return {torch::cat(logits, 1), torch::cat(distances, 1)};
}

torch::Tensor cell_points(const std::vector<int>& strides, int frame_width, int frame_height) {
  std::vector<float> points;
  for (const int stride : strides) {
    for (int y = 0; y < frame_height / stride; ++y) {
      for (int x = 0; x < frame_width / stride; ++x) {
        points.push_back((static_cast<float>(x) + 0.5f) * static_cast<float>(stride));
        points.push_back((static_cast<float>(y) + 0.5f) * static_cast<float>(stride));
        points.push_back(static_cast<float>(stride));
      }
    }
  }
  return torch::tensor(points).view({-1, 3});
}

}  // namespace preannotate
