#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace preannotate {

/// What reaches stderr. Errors always do.
enum class Verbosity { kQuiet, kNormal, kVerbose };

/// Call once at start. `color`: false for --no-color; NO_COLOR, TERM=dumb and a stderr that is no
/// terminal switch it off too.
void set_up_log(Verbosity verbosity, bool color);

/// One line each for the person waiting, on stderr, escaped by printable(). detail: only with
/// --verbose; warn: "warning: ..." also with --quiet off only; error: "preannotate: ...", always.
void log_detail(std::string_view line);
void log_info(std::string_view line);
void log_warning(std::string_view line);
void log_error(std::string_view line);

/// Progress on stderr: a bar with rate and remaining time on a terminal, else a line each 10 %,
/// at most one a second.
/// Silent with --quiet. Not thread-safe: one thread advances it.
class Progress {
 public:
  Progress(std::string what, size_t total);  // "images", 1050
  ~Progress();                               // ends the bar's line
  void advance(size_t by = 1);               // throws Interrupted (interrupt.h)
  /// Shown behind the rate from now on: "loss 1.31, AP50 0.84".
  void note(std::string text);

 private:
  void draw();
  std::string what_, note_;
  size_t total_, done_ = 0, next_line_ = 0;
  double started_s_, drawn_s_ = 0;
  bool terminal_, silent_;
};

}  // namespace preannotate
