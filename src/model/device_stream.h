#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>

namespace preannotate {

/// Work that a device does in order, beside that of other streams. On the CPU, where every call
/// does its work at once, it is there for the tests of what runs on CUDA. One thread uses it at a
/// time.
class DeviceStream {
 public:
  explicit DeviceStream(c10::Device device);
  ~DeviceStream();
  DeviceStream(DeviceStream&&) noexcept;
  DeviceStream& operator=(DeviceStream&&) noexcept;

  /// Memory of the host, uninitialised, that the device reads and writes while the host goes on:
  /// pinned on CUDA.
  torch::Tensor host_memory(c10::IntArrayRef sizes, torch::ScalarType dtype) const;

  /// Calls `work`; what that starts on the device goes to this stream.
  void run(const std::function<void()>& work) const;

  /// Records what `work` starts, as a CUDA graph, after calls of it that warm up; replay() starts
  /// the same again on the same memory. `work` only computes, on memory that it keeps. Throws what
  /// it throws (c10::OutOfMemoryError).
  void record(const std::function<void()>& work);
  void replay() const;

  /// A place in the stream; wait() returns when all before it is done.
  class Mark {
   public:
    void wait() const;

   private:
    friend class DeviceStream;
    struct State;
    std::shared_ptr<State> state_;
  };
  Mark mark() const;

  /// Waits for everything, forgets the recording and gives unused memory back to the device.
  void release();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace preannotate
