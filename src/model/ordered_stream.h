#pragma once

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "preannotate/image/loader.h"

namespace preannotate {

/// What one worker thread computes with.
template <class Item>
class Lane {
 public:
  virtual ~Lane() = default;
  /// Groups that may have begun and not finished: 1, or more where a device works on them.
  virtual size_t depth() const { return 1; }
  virtual void begin(std::vector<LoadedImage> group) = 0;
  /// One result for each image of the group that began first.
  virtual std::vector<Item> finish() = 0;
};

/// Computes on the worker's own thread: one result for each image of the group.
template <class Item>
class CallingLane : public Lane<Item> {
 public:
  using Compute = std::function<std::vector<Item>(std::vector<LoadedImage> group)>;
  explicit CallingLane(const Compute& compute) : compute_(compute) {}
  void begin(std::vector<LoadedImage> group) override { items_ = compute_(std::move(group)); }
  std::vector<Item> finish() override { return std::move(items_); }

 private:
  const Compute compute_;
  std::vector<Item> items_;
};

/// Files to results: each worker thread takes the next group of neighbours in the list, loads and
/// decodes its files and computes on them, while the system fetches the files of the groups that
/// follow; next() gives one result an image in list order. A core does one thing at a time, so
/// nothing waits in queues and no thread takes another's place. Groups are fixed by list position,
/// so what a group holds depends on no number of workers. Memory is bounded whatever the length of
/// the list.
template <class Item>
class OrderedStream {
 public:
  /// The lane of worker 0, 1, ...; called by the constructor, one after the other.
  using MakeLane = std::function<std::unique_ptr<Lane<Item>>(int worker)>;

  OrderedStream(std::vector<std::string> paths, LoaderOptions loader, int workers, int group_size,
                const MakeLane& make_lane)
      : paths_(std::move(paths)),
        loader_(std::move(loader)),
        group_size_(static_cast<size_t>(group_size)),
        ahead_(group_size_ * static_cast<size_t>(workers)) {
    for (size_t i = 0; i < std::min(ahead_, paths_.size()); ++i) read_ahead(paths_[i]);
    for (int i = 0; i < workers; ++i) lanes_.push_back(make_lane(i));
    for (auto& lane : lanes_) threads_.emplace_back([this, &lane = *lane] { work(lane); });
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
  /// The list position of the next group; nullopt after the last. While that is far ahead of the
  /// reader, waits, so that results do not pile up, or gives nullopt where `wait` is false.
  std::optional<size_t> take_group(bool wait) {
    std::unique_lock lock(mutex_);
    const auto over = [&] { return stopping_ || failure_ || taken_ >= paths_.size(); };
    const auto near = [&] { return taken_ < wanted_ + 4 * ahead_; };
    if (wait) changed_.wait(lock, [&] { return over() || near(); });
    if (over() || !near()) return std::nullopt;
    const size_t first = taken_;
    taken_ += group_size_;
    return first;
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

  void work(Lane<Item>& lane) {
    at::set_num_threads(1);  // one replica a core beats a team per operator
    c10::InferenceMode no_gradients;
    std::deque<size_t> begun;  // groups by list position
    try {
      while (true) {
        const auto first = take_group(begun.empty());
        if (first) {
          lane.begin(load_group(*first));
          begun.push_back(*first);
          if (begun.size() < lane.depth()) continue;
        }
        if (begun.empty()) return;
        hand_over(begun.front(), lane.finish());
        begun.pop_front();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      changed_.notify_all();
    }
  }

  void hand_over(size_t first, std::vector<Item> items) {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < items.size(); ++i) ready_.emplace(first + i, std::move(items[i]));
    changed_.notify_all();
  }

  const std::vector<std::string> paths_;
  const LoaderOptions loader_;
  const size_t group_size_;
  const size_t ahead_;  // images that all workers hold at once, and as many that are fetched
  std::vector<std::unique_ptr<Lane<Item>>> lanes_;  // one a thread

  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::map<size_t, Item> ready_;  // by list position
  size_t taken_ = 0;              // position of the first group that no worker has taken
  size_t wanted_ = 0;             // next position to hand out
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// `compute` is called from several threads.
template <class Item>
typename OrderedStream<Item>::MakeLane calling_lanes(typename CallingLane<Item>::Compute compute) {
  return
      [compute = std::move(compute)](int) { return std::make_unique<CallingLane<Item>>(compute); };
}

}  // namespace preannotate
