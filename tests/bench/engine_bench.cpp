#include <ATen/Parallel.h>
#include <torch/script.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <ctime>
#include <iostream>
#include <thread>

#include "preannotate/engine/network.h"

// The network alone, without images: copies of one batch on each thread for some seconds. Prints
// one line of JSON. --reference runs the TorchScript module instead, optimised for inference.

namespace {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Options {
  std::string backbone = "models/efficientnet_lite0.pt", precision = "fp32";
  int threads = 2, batch = 4, width = 224, height = 224;
  double seconds = 5;
  bool reference = false;
};

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app;
  app.add_option("--backbone", o.backbone);
  app.add_option("--precision", o.precision);
  app.add_option("--threads", o.threads);
  app.add_option("--batch", o.batch);
  app.add_option("--width", o.width);
  app.add_option("--height", o.height);
  app.add_option("--seconds", o.seconds);
  app.add_flag("--reference", o.reference);
  CLI11_PARSE(app, argc, argv);

  at::set_num_threads(1);
  torch::InferenceMode no_gradients;
  auto module = torch::jit::load(o.backbone);
  module.eval();
  const auto pixels =
      torch::randint(0, 256, {o.batch, o.height, o.width, 3}, torch::kUInt8).contiguous();
  const std::array<float, 3> mean{0.485f, 0.456f, 0.406f}, std{0.229f, 0.224f, 0.225f};
  std::string why_not;
  preannotate::ActivationRanges ranges;
  if (const auto exact =
          preannotate::CompiledNetwork::compile(module, preannotate::Precision::kFp32, why_not)) {
    exact->forward(pixels, mean, std, &ranges);
  }
  const auto network = preannotate::CompiledNetwork::compile(
      module, preannotate::precision_named(o.precision), why_not, ranges);
  if (!network) {
    std::cerr << why_not << '\n';
    return 1;
  }
  auto frozen = torch::jit::optimize_for_inference(module);
  const auto values =
      torch::rand({o.batch, 3, o.height, o.width}).contiguous(at::MemoryFormat::ChannelsLast);
  const auto pass = [&] {
    if (o.reference) {
      frozen.forward({values});
    } else {
      network->forward(pixels, mean, std);
    }
  };
  std::atomic<int> passes = 0;
  std::atomic<double> fastest = 1e9;
  std::atomic<bool> counting = false, stop = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < o.threads; ++t) {
    threads.emplace_back([&] {
      at::set_num_threads(1);
      torch::InferenceMode mode;
      while (!stop) {
        const double start = seconds();
        pass();
        const double took = seconds() - start;
        if (!counting) continue;
        ++passes;
        double best = fastest;
        while (took < best && !fastest.compare_exchange_weak(best, took)) {
        }
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  const double begin = seconds(), cpu_begin = cpu_seconds();
  counting = true;
  std::this_thread::sleep_for(std::chrono::duration<double>(o.seconds));
  const int images = passes * o.batch;
  const double rate = images / (seconds() - begin);
  const double cpu_ms = 1e3 * (cpu_seconds() - cpu_begin) / std::max(1, images);
  stop = true;
  for (auto& thread : threads) thread.join();
  std::cout << "{\"precision\":\"" << o.precision << "\",\"threads\":" << o.threads
            << ",\"batch\":" << o.batch << ",\"images_per_s\":" << rate << ",\"cpu_ms\":" << cpu_ms
            << ",\"fastest_ms\":" << 1e3 * fastest / o.batch << ",\"engine\":\""
            << (o.reference ? "TorchScript" : network->description()) << "\"}\n";
}
