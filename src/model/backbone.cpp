#include "preannotate/model/backbone.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/script.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <sstream>

#include "backbone_info.h"
#include "backbone_state.h"
#include "device_network.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/hash.h"
#include "preannotate/ops/normalize.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string read_backbone(const fs::path& path) {
  if (!fs::exists(path)) {
    throw UserError(kBadModel, "backbone ", path,
                    " does not exist; name a TorchScript file with --backbone");
  }
  if (!fs::is_regular_file(path)) {
    throw UserError(kBadModel, "backbone ", path,
                    " is no file; name a TorchScript file with --backbone");
  }
  return read_file(path);
}

void require_trust(const BackboneOptions& options, const std::string& sha256, bool in_manifest) {
  if (options.trust || in_manifest || sha256 == options.trusted_sha256) return;
  throw UserError(kBadModel, options.path,
                  " is a TorchScript file that no manifest lists (SHA-256 ", sha256,
                  "). TorchScript is code and runs with your rights: if you trust its source, add "
                  "--trust-backbone");
}

/// Folds and freezes; what cannot be optimised stays as it is.
torch::jit::Module frozen_copy(const torch::jit::Module& module) {
  auto copy = module.deepcopy();
  copy.eval();
  for (auto parameter : copy.parameters()) parameter.set_requires_grad(false);
  try {
    return torch::jit::optimize_for_inference(copy);
  } catch (const std::exception&) {
    return copy;
  }
}

/// Tensors of an output, flattened.
std::vector<torch::Tensor> tensors_of(const torch::jit::IValue& outputs) {
  if (outputs.isTensor()) return {outputs.toTensor()};
  std::vector<torch::Tensor> tensors;
  if (outputs.isTuple()) {
    for (const auto& element : outputs.toTupleRef().elements()) {
      if (element.isTensor()) tensors.push_back(element.toTensor());
    }
  }
  return tensors;
}

/// A picture with detail at several scales, the same every time: [1, side, side, 3] uint8.
torch::Tensor probe_picture(std::int64_t side) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{1});
  auto sum = torch::zeros({1, 3, side, side});
  for (const std::int64_t cells : {3, 12, 48}) {
    const auto coarse = torch::rand({1, 3, cells, cells}, generator);
    sum += at::upsample_bilinear2d(coarse, {side, side}, false);
  }
  return (sum * (255.0 / 3)).to(torch::kUInt8).permute({0, 2, 3, 1}).contiguous();
}

/// How far the compiled network is from the module, as root mean square over the output's own; the
/// worst output's. Infinite when they differ in kind.
double distance(const CompiledNetwork& compiled, torch::jit::Module& module,
                const BackboneInfo& info, std::int64_t side) {
  constexpr double kUnlike = std::numeric_limits<double>::infinity();
  const auto pixels = probe_picture(side);
  const auto wanted = tensors_of(module.forward({normalize(pixels, info.mean, info.std)}));
  const auto found = compiled.forward(pixels, info.mean, info.std);
  if (wanted.size() != found.size()) return kUnlike;
  double worst = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    if (!found[i].sizes().equals(wanted[i].sizes())) return kUnlike;
    const double size = wanted[i].norm().item<double>();
    const double apart = (found[i] - wanted[i]).norm().item<double>() / std::max(size, 1e-12);
    if (!(apart <= worst)) worst = apart;  // NaN too
  }
  return worst;
}

FeatureLayout layout_of(const torch::jit::IValue& outputs) {
  FeatureLayout layout;
  if (outputs.isTensor()) {
    layout.embedding = outputs.toTensor().size(1);
    return layout;
  }
  const auto& elements = outputs.toTupleRef().elements();
  layout.embedding = elements[0].toTensor().size(1);
  for (size_t i = elements.size() >= 4 ? 2 : elements.size(); i < elements.size(); ++i) {
    layout.maps.push_back(elements[i].toTensor().size(1));
  }
  return layout;
}

void check_side(const BackboneInfo& info, int side) {
  if (side > 0 && side % info.side_multiple == 0) return;
  const int below = std::max(side / info.side_multiple, 1) * info.side_multiple;
  throw UserError(kUsageError, "--imgsz ", side, " does not fit backbone ", info.name,
                  ": input sides must be multiples of ", info.side_multiple, ", for example ",
                  below);
}

}  // namespace

std::int64_t FeatureLayout::total() const {
  return std::accumulate(maps.begin(), maps.end(), embedding);
}

torch::jit::Module load_module(const std::string& bytes, const fs::path& path, c10::Device device,
                               std::string* extra_json) {
  torch::jit::ExtraFilesMap extra{{"backbone.json", ""}};
  try {
    std::istringstream stream(bytes);
    auto module = torch::jit::load(stream, device, extra);
    module.eval();
    if (extra_json) *extra_json = extra["backbone.json"];
    return module;
  } catch (const std::exception& error) {
    throw UserError(kBadModel, path, " is no TorchScript file that this libtorch can load (",
                    first_line(error.what()), ")");
  }
}

std::vector<torch::Tensor> spatial_maps(const torch::jit::IValue& outputs) {
  std::vector<torch::Tensor> maps;
  const auto add = [&](const torch::jit::IValue& output) {
    if (output.isTensor() && output.toTensor().dim() == 4) maps.push_back(output.toTensor());
  };
  if (outputs.isTuple()) {
    for (const auto& element : outputs.toTupleRef().elements()) add(element);
  } else {
    add(outputs);
  }
  std::stable_sort(maps.begin(), maps.end(),
                   [](const auto& a, const auto& b) { return a.size(3) > b.size(3); });
  return maps;
}

torch::jit::IValue Backbone::State::outputs(const torch::Tensor& pixels) const {
  torch::InferenceMode no_gradients;
  if (network) {
    const auto values = normalize(pixels.to(device), info.mean, info.std).to(network->dtype());
    return network->outputs(values.permute({0, 2, 3, 1}));
  }
  if (!compiled) return frozen.forward({normalize(pixels.to(device), info.mean, info.std)});
  ActivationRanges found;
  auto tensors = compiled->forward(pixels, info.mean, info.std, seen ? &found : nullptr);
  if (seen) {
    const std::lock_guard lock(*seen_mutex);
    seen->widen(found);
  }
  if (!compiled->returns_tuple()) return tensors.front();
  return c10::ivalue::Tuple::create({tensors.begin(), tensors.end()});
}

/// How far a network that computes rightly may be from the module: fp32 differs by the order of its
/// sums only, bf16 by 3 %, int8 by more on a picture that is none of those it was calibrated on.
double most_distance(Precision precision) {
  return precision == Precision::kFp32 ? 1e-3 : precision == Precision::kBf16 ? 0.1 : 0.4;
}

/// The compiled network in this precision; null, with the reason, where there is none or its
/// outputs are too far from the module's.
std::shared_ptr<const CompiledNetwork> Backbone::State::compile(Precision precision,
                                                                std::string& why_not) {
  torch::InferenceMode no_gradients;
  try {
    std::shared_ptr<const CompiledNetwork> network =
        CompiledNetwork::compile(module, precision, why_not, ranges);
    if (!network) return nullptr;
    const double apart = distance(*network, module, info, side);
    if (apart <= most_distance(precision)) return network;
    why_not = "compiled, its outputs are " + std::to_string(100 * apart) + " % off";
  } catch (const std::exception& error) {
    why_not = first_line(error.what());
  }
  return nullptr;
}

/// The network in this precision or, where its features are too far from the module's, in fp32.
void Backbone::State::prepare_device(Precision precision) {
  torch::InferenceMode no_gradients;
  network = std::make_shared<DeviceNetwork>(module, info, device, precision);
  engine = std::string(precision_name(precision)) + " (libtorch on " + device.str() + ")";
  if (precision == Precision::kFp32) return;
  const auto values = normalize(probe_picture(side).to(device), info.mean, info.std);
  const auto wanted = pooled_features(module.forward({values}), info.name);
  const auto found = network->features(values.to(network->dtype()).permute({0, 2, 3, 1}));
  const double apart = (found - wanted).norm().item<double>() / wanted.norm().item<double>();
  if (apart <= most_distance(precision)) return;
  network = std::make_shared<DeviceNetwork>(module, info, device, Precision::kFp32);
  engine = "fp32 (libtorch on " + device.str() + "); not " +
           std::string(precision_name(precision)) + ": its outputs are " +
           std::to_string(100 * apart) + " % off";
}

/// Compiles on the CPU, in fp32 where the precision wanted does not do; else freezes.
void Backbone::State::prepare(Precision precision) {
  if (!device.is_cpu()) return prepare_device(precision);
  std::string why_not, why_not_fp32;
  compiled = compile(precision, why_not);
  if (compiled) {
    engine = compiled->description();
    return;
  }
  if (precision != Precision::kFp32) compiled = compile(Precision::kFp32, why_not_fp32);
  if (compiled) {
    engine = compiled->description() + "; not " + std::string(precision_name(precision)) + ": " +
             why_not;
    return;
  }
  frozen = frozen_copy(module);
  engine = "fp32 (libtorch): " + why_not;
}

Backbone::Backbone(std::shared_ptr<State> state) : state_(std::move(state)) {
  State& s = *state_;
  check_side(s.info, s.side);
  torch::InferenceMode no_gradients;
  const auto blank = torch::zeros({2, s.side, s.side, 3}, torch::kUInt8);
  torch::Tensor features;
  try {
    const auto outputs = s.outputs(blank);
    features = pooled_features(outputs, s.info.name);
    s.layout = layout_of(outputs);
    s.levels.clear();
    for (const auto& map : spatial_maps(outputs)) {
      s.levels.push_back({s.side / static_cast<int>(map.size(3)), map.size(1)});
    }
  } catch (const UserError&) {
    throw;
  } catch (const std::exception& error) {
    throw UserError(kBadModel, "backbone ", s.info.name, " fails on a [2, 3, ", s.side, ", ",
                    s.side, "] float32 input (", first_line(error.what()), ")");
  }
  if (features.size(0) != 2 || !features.isfinite().all().item<bool>()) {
    throw UserError(kBadModel, "backbone ", s.info.name,
                    " gives no finite [N, D] features for a blank input");
  }
}

Backbone::Backbone(const BackboneOptions& options)
    : Backbone([&] {
        auto state = std::make_shared<State>();
        state->bytes = options.bytes.empty() ? read_backbone(options.path) : options.bytes;
        const std::string sha256_hex = sha256(state->bytes);
        const auto listed = manifest_entry(models_folder(), sha256_hex);
        require_trust(options, sha256_hex, listed.has_value());
        state->module = load_module(state->bytes, options.path, options.device, &state->info_json);
        state->info = backbone_info(options, state->info_json, listed);
        state->info.sha256 = sha256_hex;
        if (state->info.stages.empty()) {
          for (const auto& child : state->module.named_children()) {
            state->info.stages.push_back(child.name);
          }
        }
        state->device = options.device;
        state->side = options.side > 0 ? options.side : state->info.input_side;
        state->ranges = options.ranges;
        state->prepare(options.precision);
        return state;
      }()) {}

Backbone::~Backbone() = default;
Backbone::Backbone(Backbone&&) noexcept = default;

const BackboneInfo& Backbone::info() const {
  return state_->info;
}
const FeatureLayout& Backbone::layout() const {
  return state_->layout;
}
int Backbone::side() const {
  return state_->side;
}
c10::Device Backbone::device() const {
  return state_->device;
}
const std::string& Backbone::bytes() const {
  return state_->bytes;
}

torch::Tensor Backbone::features(const torch::Tensor& pixels) const {
  torch::InferenceMode no_gradients;
  return pooled_features(state_->outputs(pixels), state_->info.name);
}

const std::vector<MapLevel>& Backbone::map_levels() const {
  return state_->levels;
}

std::vector<torch::Tensor> Backbone::maps(const torch::Tensor& pixels) const {
  torch::InferenceMode no_gradients;
  std::vector<torch::Tensor> maps;
  for (const auto& map : spatial_maps(state_->outputs(pixels))) {
    maps.push_back(map.to(torch::kFloat32).permute({0, 2, 3, 1}).contiguous());
  }
  return maps;
}

const std::string& Backbone::engine() const {
  return state_->engine;
}

Precision Backbone::precision() const {
  if (state_->network) return state_->network->precision();
  return state_->compiled ? state_->compiled->precision() : Precision::kFp32;
}

std::shared_ptr<const DeviceNetwork> Backbone::on_device() const {
  return state_->network;
}

bool Backbone::compiled() const {
  return state_->compiled != nullptr;
}

bool Backbone::rows_are_independent() const {
  return state_->compiled && state_->compiled->rows_are_independent();
}

Backbone Backbone::at_side(int side) const {
  auto other = std::make_shared<State>(*state_);
  other->side = side;
  return Backbone(std::move(other));
}

Backbone Backbone::with_precision(Precision precision, const ActivationRanges& ranges) const {
  auto other = std::make_shared<State>(*state_);
  other->ranges = ranges;
  other->prepare(precision);
  return Backbone(std::move(other));
}

Backbone Backbone::observing(ActivationRanges& ranges) const {
  auto other = std::make_shared<State>(*state_);
  Backbone observer(other);  // its own first pass, on a blank picture, is not to be seen
  other->seen_mutex = std::make_shared<std::mutex>();
  other->seen = &ranges;
  return observer;
}

fs::path models_folder() {
  if (const char* folder = std::getenv("PREANNOTATE_MODELS"); folder && *folder) return folder;
  const fs::path installed = program_folder() / "../share/preannotate/models";
  if (fs::exists(installed)) return installed.lexically_normal();
  return (program_folder() / "../models").lexically_normal();
}

fs::path default_backbone() {
  return models_folder() / "efficientnet_lite0.pt";
}

}  // namespace preannotate
