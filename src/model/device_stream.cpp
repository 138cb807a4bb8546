#include "device_stream.h"

#include <mutex>

#ifdef PREANNOTATE_HAS_CUDA
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace preannotate {

#ifdef PREANNOTATE_HAS_CUDA

struct DeviceStream::State {
  explicit State(c10::Device device)
      : stream(device.is_cuda() ? std::optional(c10::cuda::getStreamFromPool(
                                      /*isHighPriority=*/false, device.index()))
                                : std::nullopt) {}

  std::optional<c10::cuda::CUDAStream> stream;  // none on the CPU
  std::unique_ptr<at::cuda::CUDAGraph> graph;
  std::function<void()> work;  // on the CPU, in place of the graph
};

struct DeviceStream::Mark::State {
  at::cuda::CUDAEvent event;
};

void DeviceStream::run(const std::function<void()>& work) const {
  const c10::cuda::OptionalCUDAStreamGuard on_this(state_->stream);
  work();
}

void DeviceStream::record(const std::function<void()>& work) {
  if (!state_->stream) {
    state_->work = work;
    return;
  }
  // What another thread does meanwhile may not come into the recording.
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  constexpr int kWarmUps = 3;  // the interpreter specialises in its first two
  run([&] {
    for (int i = 0; i < kWarmUps; ++i) work();
    state_->stream->synchronize();
    auto graph = std::make_unique<at::cuda::CUDAGraph>();
    graph->capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    work();
    graph->capture_end();
    state_->graph = std::move(graph);
  });
}

void DeviceStream::replay() const {
  if (!state_->stream) return state_->work();
  run([&] { state_->graph->replay(); });
}

DeviceStream::Mark DeviceStream::mark() const {
  Mark mark;
  if (!state_->stream) return mark;
  mark.state_ = std::make_shared<Mark::State>();
  mark.state_->event.record(*state_->stream);
  return mark;
}

void DeviceStream::Mark::wait() const {
  if (state_) state_->event.synchronize();
}

void DeviceStream::release() {
  state_->work = nullptr;
  if (!state_->stream) return;
  state_->stream->synchronize();
  state_->graph.reset();
  c10::cuda::CUDACachingAllocator::emptyCache();
}

torch::Tensor DeviceStream::host_memory(c10::IntArrayRef sizes, torch::ScalarType dtype) const {
  return torch::empty(
      sizes, torch::TensorOptions().dtype(dtype).pinned_memory(state_->stream.has_value()));
}

#else

struct DeviceStream::State {
  explicit State(c10::Device) {}
  std::function<void()> work;
};

struct DeviceStream::Mark::State {};

void DeviceStream::run(const std::function<void()>& work) const {
  work();
}

void DeviceStream::record(const std::function<void()>& work) {
  state_->work = work;
}

void DeviceStream::replay() const {
  state_->work();
}

DeviceStream::Mark DeviceStream::mark() const {
  return {};
}

void DeviceStream::Mark::wait() const {}

void DeviceStream::release() {
  state_->work = nullptr;
}

torch::Tensor DeviceStream::host_memory(c10::IntArrayRef sizes, torch::ScalarType dtype) const {
  return torch::empty(sizes, dtype);
}

#endif

DeviceStream::DeviceStream(c10::Device device) : state_(std::make_unique<State>(device)) {}
DeviceStream::~DeviceStream() = default;
DeviceStream::DeviceStream(DeviceStream&&) noexcept = default;
DeviceStream& DeviceStream::operator=(DeviceStream&&) noexcept = default;

}  // namespace preannotate
