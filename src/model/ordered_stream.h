#pragma once

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "preannotate/image/loader.h"

namespace preannotate {

/// Files to results: a loader decodes ahead, worker threads compute on groups of neighbours in the
/// list, next() gives one result an image in list order. Groups are fixed by list position, so what
/// a group holds depends on no number of workers. Memory is bounded whatever the length of the
/// list.
template <class Item>
class OrderedStream {
 public:
  /// One result for each image of the group; called from several threads.
  using Compute = std::function<std::vector<Item>(std::vector<LoadedImage> group)>;

  OrderedStream(std::vector<std::string> paths, LoaderOptions loader, int workers, int group_size,
                Compute compute)
      : total_(paths.size()),
        group_size_(static_cast<size_t>(group_size)),
        workers_(static_cast<size_t>(workers)),
        compute_(std::move(compute)),
        loader_(std::move(paths), std::move(loader)) {
    for (size_t i = 0; i < workers_; ++i) threads_.emplace_back([this] { work(); });
  }

  ~OrderedStream() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  /// nullopt after the last; throws what a worker threw.
  std::optional<Item> next() {
    std::unique_lock lock(mutex_);
    if (wanted_ == total_) return std::nullopt;
    changed_.wait(lock, [&] { return failure_ || ready_.contains(wanted_); });
    if (failure_) std::rethrow_exception(failure_);
    auto node = ready_.extract(wanted_);
    ++wanted_;
    changed_.notify_all();
    return std::move(node.mapped());
  }

 private:
  /// The next group by list position; empty after the last.
  std::vector<LoadedImage> take_group() {
    const std::lock_guard one_at_a_time(loader_mutex_);
    std::vector<LoadedImage> group;
    while (group.size() < group_size_) {
      auto image = loader_.next();
      if (!image) break;
      group.push_back(std::move(*image));
    }
    return group;
  }

  void work() {
    at::set_num_threads(1);  // one replica a core beats a team per operator
    c10::InferenceMode no_gradients;
    try {
      while (true) {
        auto group = take_group();
        if (group.empty()) return;
        const size_t first = group.front().index;
        auto items = compute_(std::move(group));
        std::unique_lock lock(mutex_);
        // Far ahead of the reader: wait, so that results do not pile up.
        changed_.wait(lock,
                      [&] { return stopping_ || first < wanted_ + group_size_ * workers_ * 4; });
        if (stopping_) return;
        for (size_t i = 0; i < items.size(); ++i) ready_.emplace(first + i, std::move(items[i]));
        changed_.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      changed_.notify_all();
    }
  }

  const size_t total_, group_size_, workers_;
  const Compute compute_;
  ImageLoader loader_;

  std::mutex loader_mutex_;  // of loader_; never taken together with mutex_
  std::mutex mutex_;         // of all below
  std::condition_variable changed_;
  std::map<size_t, Item> ready_;  // by list position
  size_t wanted_ = 0;             // next position to hand out
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace preannotate
