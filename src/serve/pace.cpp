#include "pace.h"

#include <numeric>

namespace preannotate {

void Pace::add(double seconds) {
  ++answered_;
  if (!(seconds > 0)) return;
  last_.push_back(seconds);
  if (last_.size() > kWindow) last_.pop_front();
}

double Pace::seconds_mean() const {
  if (last_.empty()) return 0;
  return std::accumulate(last_.begin(), last_.end(), 0.0) / static_cast<double>(last_.size());
}

}  // namespace preannotate
