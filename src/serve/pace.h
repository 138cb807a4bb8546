#pragma once

#include <cstddef>
#include <deque>

namespace preannotate {

/// How many images somebody has answered and how fast he is now.
class Pace {
 public:
  /// 0 seconds: not known how long it took.
  void add(double seconds);
  void take_back() { answered_ -= answered_ > 0; }
  size_t answered() const { return answered_; }
  /// Of the last kWindow answers whose seconds are known; 0 before the first.
  double seconds_mean() const;

 private:
  static constexpr size_t kWindow = 100;
  size_t answered_ = 0;
  std::deque<double> last_;
};

}  // namespace preannotate
