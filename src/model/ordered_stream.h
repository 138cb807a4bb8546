#pragma once

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
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

/// Files to results: each worker thread takes the next group of neighbours in the list, loads and
/// decodes its files and computes on them, while the system fetches the files of the groups that
/// follow; next() gives one result an image in list order. A core does one thing at a time, so
/// nothing waits in queues and no thread takes another's place. Groups are fixed by list position,
/// so what a group holds depends on no number of workers. Memory is bounded whatever the length of
/// the list.
template <class Item>
class OrderedStream {
 public:
  /// One result for each image of the group; called from several threads.
  using Compute = std::function<std::vector<Item>(std::vector<LoadedImage> group)>;

  OrderedStream(std::vector<std::string> paths, LoaderOptions loader, int workers, int group_size,
                Compute compute)
      : paths_(std::move(paths)),
        loader_(std::move(loader)),
        group_size_(static_cast<size_t>(group_size)),
        ahead_(group_size_ * static_cast<size_t>(workers)),
        compute_(std::move(compute)) {
    for (size_t i = 0; i < std::min(ahead_, paths_.size()); ++i) read_ahead(paths_[i]);
    for (int i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
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
    if (wanted_ == paths_.size()) return std::nullopt;
    changed_.wait(lock, [&] { return failure_ || ready_.contains(wanted_); });
    if (failure_) std::rethrow_exception(failure_);
    auto node = ready_.extract(wanted_);
    ++wanted_;
    if (wanted_ % group_size_ == 0) changed_.notify_all();
    return std::move(node.mapped());
  }

 private:
  /// The list position of the next group; nullopt after the last. Waits while that is far ahead of
  /// the reader, so that results do not pile up.
  std::optional<size_t> take_group() {
    std::unique_lock lock(mutex_);
    if (stopping_ || failure_ || taken_ >= paths_.size()) return std::nullopt;
    const size_t first = taken_;
    taken_ += group_size_;
    changed_.wait(lock, [&] { return stopping_ || failure_ || first < wanted_ + 4 * ahead_; });
    return stopping_ || failure_ ? std::nullopt : std::optional(first);
  }

  std::vector<LoadedImage> load_group(size_t first) const {
    const size_t end = std::min(first + group_size_, paths_.size());
    for (size_t i = first + ahead_; i < std::min(end + ahead_, paths_.size()); ++i) {
      read_ahead(paths_[i]);
    }
    std::vector<LoadedImage> group;
    for (size_t i = first; i < end; ++i) group.push_back(load_image(i, paths_[i], loader_));
    return group;
  }

  void work() {
    at::set_num_threads(1);  // one replica a core beats a team per operator
    c10::InferenceMode no_gradients;
    try {
      while (const auto first = take_group()) {
        auto items = compute_(load_group(*first));
        const std::lock_guard lock(mutex_);
        for (size_t i = 0; i < items.size(); ++i) ready_.emplace(*first + i, std::move(items[i]));
        changed_.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      changed_.notify_all();
    }
  }

  const std::vector<std::string> paths_;
  const LoaderOptions loader_;
  const size_t group_size_;
  const size_t ahead_;  // images that all workers hold at once, and as many that are fetched
  const Compute compute_;

  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::map<size_t, Item> ready_;  // by list position
  size_t taken_ = 0;              // position of the first group that no worker has taken
  size_t wanted_ = 0;             // next position to hand out
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace preannotate
