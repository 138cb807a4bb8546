// The bytes that each kernel of ops must move at the size of a large batch, and on a machine with a
// GPU its time against these bytes over the bandwidth of a plain copy. scripts/bench/kernels.sh.

#include <c10/core/Event.h>
#include <torch/types.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "ops/kernels.h"
#include "preannotate/ops/preprocess.h"

namespace preannotate {
namespace {

constexpr int kWarmups = 5, kRepeats = 50;

struct Kernel {
  std::string name, size;
  std::vector<torch::Tensor> moved;  // each read or written once; the launch points into them
  std::function<void()> launch;

  double bytes() const {
    double sum = 0;
    for (const auto& tensor : moved) sum += static_cast<double>(tensor.nbytes());
    return sum;
  }
};

template <class Body>
void run(const Body& body, const torch::Device& device) {
  device.is_cuda() ? ops::run_cuda(body) : ops::run_cpu(body);
}

/// Values that a launch reads; on the CPU nothing is launched but what later bytes depend on.
torch::Tensor drawn(torch::IntArrayRef sizes, const torch::Device& device) {
  return device.is_cuda() ? torch::rand(sizes, device) : torch::empty(sizes, device);
}

torch::Tensor pixels(torch::IntArrayRef sizes, const torch::Device& device) {
  return device.is_cuda() ? torch::randint(0, 256, sizes, device).to(torch::kUInt8)
                          : torch::empty(sizes, torch::kUInt8);
}

Kernel normalize_kernel(const torch::Device& device) {
  const auto bytes = pixels({256, 224, 224, 3}, device);
  const auto values = torch::empty(bytes.sizes(), device);
  const ops::NormalizePixel body{bytes.const_data_ptr<std::uint8_t>(),
                                 values.mutable_data_ptr<float>(),
                                 bytes.numel() / 3,
                                 {0.5f, 0.5f, 0.5f},
                                 {0.5f, 0.5f, 0.5f}};
  return {"NormalizePixel", "256 x 224 x 224", {bytes, values}, [=] { run(body, device); }};
}

/// Photographs of 640 x 480 squashed to 224 x 224 in half precision: both kernels.
std::vector<Kernel> preprocess_kernels(const torch::Device& device) {
  constexpr std::int64_t kPictures = 256, kBytes = 640 * 480 * 3;
  constexpr int kSide = 224;
  std::vector<PicturePlace> places;
  for (std::int64_t i = 0; i < kPictures; ++i) {
    places.push_back({i * kBytes, 640 * 3, 640, 480, 0, 0, 640, 480, 0, 0, kSide, kSide});
  }
  const auto bytes = pixels({kPictures * kBytes}, device);
  const auto table =
      torch::from_blob(places.data(), static_cast<std::int64_t>(places.size() * sizeof(places[0])),
                       torch::kUInt8)
          .clone()
          .to(device);
  const auto taps =
      torch::empty({kPictures * 2 * kSide * std::int64_t{sizeof(ops::Taps)}}, bytes.options());
  const auto values =
      torch::empty({kPictures, kSide, kSide, 3}, bytes.options().dtype(torch::kFloat16));
  const auto* place = reinterpret_cast<const PicturePlace*>(table.const_data_ptr<std::uint8_t>());
  auto* tap = reinterpret_cast<ops::Taps*>(taps.mutable_data_ptr<std::uint8_t>());
  const ops::FindTaps find{place, kPictures, kSide, kSide, tap};
  run(find, device);  // the pixels read the taps
  const ops::PreprocessPixel pixel{bytes.const_data_ptr<std::uint8_t>(),
                                   place,
                                   tap,
                                   kPictures,
                                   kSide,
                                   kSide,
                                   {0.5f, 0.5f, 0.5f},
                                   {0.5f, 0.5f, 0.5f},
                                   torch::kFloat16,
                                   values.mutable_data_ptr()};
  return {{"FindTaps", "256 pictures", {table, taps}, [=] { run(find, device); }},
          {"PreprocessPixel", "256 x 640 x 480 to 224 x 224", {bytes, table, taps, values}, [=] {
             run(pixel, device);
           }}};
}

Kernel top_k_kernel(const torch::Device& device) {
  constexpr std::int64_t kImages = 65536, kClasses = 1000, kBest = 5;
  const auto logits = drawn({kImages, kClasses}, device);
  const auto floats = torch::empty({kImages, kBest + 2}, device);
  const auto classes = torch::empty({kImages, kBest}, logits.options().dtype(torch::kInt64));
  auto* out = floats.mutable_data_ptr<float>();
  const ops::TopClassesOf body{logits.const_data_ptr<float>(),
                               kImages,
                               kClasses,
                               kBest,
                               1.0,
                               out,
                               classes.mutable_data_ptr<std::int64_t>(),
                               out + kImages * kBest,
                               out + kImages * (kBest + 1)};
  return {"TopClassesOf", "65536 x 1000, best 5", {logits, floats, classes}, [=] {
            run(body, device);
          }};
}

Kernel decode_kernel(const torch::Device& device) {
  const auto distances = drawn({256, 33600, 4}, device), points = drawn({33600, 3}, device);
  const auto boxes = torch::empty(distances.sizes(), device);
  const ops::DecodeBox body{distances.const_data_ptr<float>(), points.const_data_ptr<float>(),
                            reinterpret_cast<Box*>(boxes.mutable_data_ptr<float>()),
                            distances.numel() / 4, points.size(0)};
  return {"DecodeBox", "256 x 33600 cells", {distances, points, boxes}, [=] { run(body, device); }};
}

/// One score in ten thousand reaches the floor.
std::vector<Kernel> candidate_kernels(const torch::Device& device) {
  const auto scores = torch::rand({64, 33600, 20}, device);
  const ops::ScoreChunks in{scores.const_data_ptr<float>(), scores.numel(), 0.9999f};
  const auto counts = torch::empty({in.chunks()}, scores.options().dtype(torch::kInt64));
  const ops::CountCandidates count{in, counts.mutable_data_ptr<std::int64_t>()};
  run(count, device);
  const auto ends = counts.cumsum(0);
  const auto places = torch::empty({ends[-1].item<std::int64_t>()}, counts.options());
  const ops::ListCandidates list{in, ends.const_data_ptr<std::int64_t>(),
                                 places.mutable_data_ptr<std::int64_t>()};
  const auto chunks_read = counts.count_nonzero().item<std::int64_t>();
  const auto scores_read = scores.flatten().slice(0, 0, chunks_read * ops::ScoreChunks::kLength);
  return {
      {"CountCandidates", "64 x 33600 x 20 scores", {scores, counts}, [=] { run(count, device); }},
      {"ListCandidates", "64 x 33600 x 20 scores", {scores_read, ends, places}, [=] {
         run(list, device);
       }}};
}

/// 64 images of 20 classes of 50 boxes; the time is that of its waits, not of its bytes.
Kernel suppress_kernel(const torch::Device& device) {
  constexpr std::int64_t kGroups = 64 * 20, kBoxes = 50;
  auto boxes = torch::rand({kGroups * kBoxes, 4}, device) * 200;
  boxes.slice(1, 2) += boxes.slice(1, 0, 2);
  const auto ends = torch::arange(1, kGroups + 1, boxes.options().dtype(torch::kInt64)) * kBoxes;
  const auto kept = torch::ones({kGroups * kBoxes}, boxes.options().dtype(torch::kBool));
  const ops::SuppressGroup body{reinterpret_cast<const Box*>(boxes.const_data_ptr<float>()),
                                ends.const_data_ptr<std::int64_t>(), kGroups, 0.5f,
                                kept.mutable_data_ptr<bool>()};
  return {"SuppressGroup", "1280 groups of 50 boxes, and a fill", {boxes, ends, kept, kept}, [=] {
            kept.fill_(true);
            run(body, device);
          }};
}

double median_ms(const std::function<void()>& launch) {
  const c10::impl::VirtualGuardImpl cuda(torch::kCUDA);
  const auto stream = cuda.getStream(cuda.getDevice());
  for (int i = 0; i < kWarmups; ++i) launch();
  std::vector<double> times;
  for (int i = 0; i < kRepeats; ++i) {
    c10::Event begin(torch::kCUDA, c10::EventFlag::BACKEND_DEFAULT);
    c10::Event end(torch::kCUDA, c10::EventFlag::BACKEND_DEFAULT);
    begin.record(stream);
    launch();
    end.record(stream);
    end.synchronize();
    times.push_back(begin.elapsedTime(end));
  }
  std::nth_element(times.begin(), times.begin() + kRepeats / 2, times.end());
  return times[kRepeats / 2];
}

/// Bytes a millisecond of a plain copy, counting those read and those written.
double copy_bandwidth(const torch::Device& device) {
  const auto from = drawn({1 << 28}, device);
  const auto to = torch::empty_like(from);
  return 2.0 * static_cast<double>(from.nbytes()) / median_ms([&] { to.copy_(from); });
}

std::vector<Kernel> all_kernels(const torch::Device& device) {
  std::vector<Kernel> kernels{normalize_kernel(device), top_k_kernel(device), decode_kernel(device),
                              suppress_kernel(device)};
  for (auto&& group : {preprocess_kernels(device), candidate_kernels(device)}) {
    kernels.insert(kernels.end(), group.begin(), group.end());
  }
  return kernels;
}

void print_bytes() {
  std::printf("%-16s %-36s %9s\n", "kernel", "size", "MB moved");
  for (const auto& kernel : all_kernels(torch::kCPU)) {
    std::printf("%-16s %-36s %9.1f\n", kernel.name.c_str(), kernel.size.c_str(),
                kernel.bytes() / 1e6);
  }
  std::printf("no GPU here: not timed\n");
}

void print_times(const torch::Device& device) {
  const double bandwidth = copy_bandwidth(device);
  std::printf("a copy moves %.2f TB/s; medians of %d\n", bandwidth / 1e9, kRepeats);
  std::printf("%-16s %-36s %9s %9s %9s %7s\n", "kernel", "size", "MB moved", "limit us",
              "median us", "ratio");
  for (const auto& kernel : all_kernels(device)) {
    const double limit_ms = kernel.bytes() / bandwidth, ms = median_ms(kernel.launch);
    std::printf("%-16s %-36s %9.1f %9.1f %9.1f %7.2f\n", kernel.name.c_str(), kernel.size.c_str(),
                kernel.bytes() / 1e6, 1000 * limit_ms, 1000 * ms, ms / limit_ms);
  }
}

}  // namespace
}  // namespace preannotate

int main() {
  torch::manual_seed(1);
  if (at::hasCUDA()) {
    preannotate::print_times(torch::kCUDA);
  } else {
    preannotate::print_bytes();
  }
}
