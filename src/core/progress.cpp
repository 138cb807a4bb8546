#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "log_state.h"
#include "preannotate/core/interrupt.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

constexpr double kRedrawAfter_s = 0.1, kNextLineAfter_s = 1;
constexpr size_t kBarWidth = 24;

double now_s() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

bool stderr_is_terminal() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) && !(term && std::string_view(term) == "dumb");
}

std::string rate_text(double per_second) {
  char text[32];
  std::snprintf(text, sizeof text, per_second < 10 ? "%.1f/s" : "%.0f/s", per_second);
  return text;
}

}  // namespace

Progress::Progress(std::string what, size_t total)
    : what_(std::move(what)),
      total_(total),
      next_line_((total + 9) / 10),
      started_s_(now_s()),
      terminal_(stderr_is_terminal()),
      silent_(log_verbosity() == Verbosity::kQuiet || total == 0) {}

Progress::~Progress() {
  if (silent_ || !terminal_ || done_ == 0) return;
  draw();
  write_to_terminal("\n", false);
}

void Progress::advance(size_t by) {
  stop_if_interrupted();
  done_ = std::min(done_ + by, total_);
  if (silent_) return;
  if (terminal_) {
    if (now_s() - drawn_s_ >= kRedrawAfter_s) draw();
    return;
  }
  const double now = now_s(), elapsed_s = now - started_s_;
  const bool last = done_ == total_;
  if (done_ < next_line_ || (!last && now - drawn_s_ < kNextLineAfter_s)) return;
  drawn_s_ = now;
  const size_t tenths = done_ * 10 / total_;
  log_info(what_ + ": " + human_count(done_) + " of " + human_count(total_) + " (" +
           std::to_string(done_ * 100 / total_) + " %), " +
           rate_text(static_cast<double>(done_) / std::max(elapsed_s, 1e-9)) +
           (note_.empty() ? "" : ", " + note_));
  next_line_ = last ? total_ + 1 : (total_ * (tenths + 1) + 9) / 10;
}

void Progress::note(std::string text) {
  note_ = std::move(text);
}

void Progress::draw() {
  drawn_s_ = now_s();
  const double elapsed_s = std::max(drawn_s_ - started_s_, 1e-9);
  const double per_second = static_cast<double>(done_) / elapsed_s;
  const size_t filled = kBarWidth * done_ / total_;
  const std::string time =
      done_ == total_ ? "in " + human_seconds(elapsed_s)
      : done_ == 0    ? ""
                      : human_seconds(static_cast<double>(total_ - done_) / per_second) + " left";
  write_to_terminal("\r\033[K" + what_ + " [" + std::string(filled, '#') +
                        std::string(kBarWidth - filled, '.') + "] " + human_count(done_) + "/" +
                        human_count(total_) + "  " +
                        (note_.empty() ? rate_text(per_second) : note_) + "  " + time,
                    true);
}

}  // namespace preannotate
