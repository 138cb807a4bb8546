#include <ATen/Parallel.h>
#include <torch/script.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "model/device_lane.h"

// Decoded pictures to features on a device, the way predict does it: each thread a lane of its own.
//
//   preannotate_device_bench BACKBONE.pt [DEVICE [THREADS [BATCH [SECONDS]]]]
//
// Pictures of 400 x 533 are in memory, so decoding is left out. Prints one line of JSON for each
// precision.

using namespace preannotate;

namespace {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<LoadedImage> pictures(int count) {
  std::vector<LoadedImage> group(static_cast<size_t>(count));
  for (auto& image : group) {
    image.picture = {400, 533, std::vector<std::uint8_t>(size_t{3} * 400 * 533)};
    for (size_t i = 0; i < image.picture.rgb.size(); ++i) {
      image.picture.rgb[i] = static_cast<std::uint8_t>(i * 7919 >> 5);
    }
  }
  return group;
}

/// Images that one lane did in the time.
std::int64_t work(DeviceLane& lane, const std::vector<LoadedImage>& group, double until) {
  c10::InferenceMode no_gradients;
  std::int64_t images = 0;
  lane.begin(group);
  while (seconds() < until) {
    lane.begin(group);
    images += static_cast<std::int64_t>(lane.finish().size());
  }
  return images + static_cast<std::int64_t>(lane.finish().size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr
        << "usage: preannotate_device_bench BACKBONE.pt [DEVICE [THREADS [BATCH [SECONDS]]]]\n";
    return 2;
  }
  const c10::Device device(argc > 2 ? argv[2] : "cuda:0");
  const int threads = argc > 3 ? std::atoi(argv[3]) : 4;
  LaneOptions options;
  options.views = views_named("none");
  options.resize = Resize::kCrop;
  options.batch = argc > 4 ? std::atoi(argv[4]) : 32;
  const double time_s = argc > 5 ? std::atof(argv[5]) : 3;

  BackboneInfo info;
  info.name = argv[1];
  info.mean = info.std = {0.5f, 0.5f, 0.5f};
  at::set_num_threads(1);
  auto module = torch::jit::load(argv[1], device);
  module.eval();
  const auto group = pictures(options.batch);
  for (const auto precision : {Precision::kFp32, Precision::kBf16}) {
    const DeviceNetwork network(module, info, device, precision);
    std::vector<std::unique_ptr<DeviceLane>> lanes;
    for (int i = 0; i < threads; ++i)
      lanes.push_back(std::make_unique<DeviceLane>(network, options));
    std::vector<std::int64_t> images(static_cast<size_t>(threads));
    std::vector<std::thread> workers;
    const double begin = seconds();
    for (size_t i = 0; i < images.size(); ++i) {
      workers.emplace_back([&, i] { images[i] = work(*lanes[i], group, begin + time_s); });
    }
    for (auto& worker : workers) worker.join();
    const double took = seconds() - begin;
    std::int64_t sum = 0;
    for (const auto count : images) sum += count;
    std::cout << "{\"device\":\"" << device << "\",\"precision\":\""
              << (precision == Precision::kBf16 ? "bf16" : "fp32") << "\",\"threads\":" << threads
              << ",\"batch\":" << options.batch << ",\"images_per_s\":" << sum / took << "}\n";
  }
}
