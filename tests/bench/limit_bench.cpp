#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <thread>

#include "preannotate/image/augment.h"
#include "preannotate/model/device.h"
#include "preannotate/model/run_folder.h"

// What predict cannot do without, each part alone on every core at the same time: decoding, making
// the view, the network. Files are in memory. Decoding and the view are the mean of the fastest
// time of each image, the network the fastest pass of four. Prints one line of JSON.

namespace fs = std::filesystem;
using namespace preannotate;

namespace {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double fastest(int times, const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < times; ++i) {
    const double begin = seconds();
    work();
    best = std::min(best, seconds() - begin);
  }
  return best;
}

std::vector<std::string> files_in(const fs::path& folder, size_t most) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  paths.resize(std::min(paths.size(), most));
  std::vector<std::string> files;
  for (const auto& path : paths) files.push_back(read_image_file(path.string()));
  return files;
}

struct Milliseconds {
  double decode = 0, preprocess = 0, network = 0;  // of an image
};

Milliseconds measure(const std::vector<std::string>& files, const Backbone& backbone,
                     Resize resize) {
  constexpr int kTimes = 3, kPasses = 40;
  Milliseconds sum;
  DecodeOptions decode;
  decode.min_side = backbone.side();
  const auto pixels = torch::zeros({4, backbone.side(), backbone.side(), 3}, torch::kUInt8);
  const View plain;
  for (const auto& bytes : files) {
    DecodedImage image;
    sum.decode += fastest(kTimes, [&] { image = decode_image(bytes, decode); });
    sum.preprocess += fastest(kTimes, [&] {
      render_view(image.picture, plain, backbone.side(), resize, pixels.data_ptr<std::uint8_t>());
    });
  }
  const double scale = 1e3 / static_cast<double>(files.size());
  return {sum.decode * scale, sum.preprocess * scale,
          1e3 / 4 * fastest(kPasses, [&] { backbone.features(pixels); })};
}

}  // namespace

int main(int argc, char** argv) {
  std::string run_folder, source, precision = "fp32";
  int threads = usable_cores();
  size_t images = 100;
  CLI::App app;
  app.add_option("--run", run_folder)->required();
  app.add_option("--source", source)->required();
  app.add_option("--precision", precision);
  app.add_option("--threads", threads);
  app.add_option("--images", images);
  CLI11_PARSE(app, argc, argv);

  use_one_thread_per_operator();
  const Run run = load_run(run_folder);
  const Backbone backbone = load_backbone(run, c10::kCPU, precision_named(precision));
  const auto files = files_in(source, images);
  std::vector<Milliseconds> found(static_cast<size_t>(threads));
  std::vector<std::thread> workers;
  for (auto& one : found) {
    workers.emplace_back([&] {
      use_one_thread_per_operator();
      one = measure(files, backbone, run.manifest.resize);
    });
  }
  for (auto& worker : workers) worker.join();
  Milliseconds mean;
  for (const auto& one : found) {
    mean.decode += one.decode / threads;
    mean.preprocess += one.preprocess / threads;
    mean.network += one.network / threads;
  }
  std::cout << "{\"precision\":\"" << precision_name(backbone.precision())
            << "\",\"threads\":" << threads << ",\"decode_ms\":" << mean.decode
            << ",\"preprocess_ms\":" << mean.preprocess << ",\"network_ms\":" << mean.network
            << ",\"images_per_s\":"
            << threads * 1e3 / (mean.decode + mean.preprocess + mean.network) << "}\n";
}
