#include "preannotate/core/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "log_state.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

bool colour_wanted(bool asked_for) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return asked_for && !(no_color && *no_color) && !(term && std::string_view(term) == "dumb") &&
         ::isatty(STDERR_FILENO);
}

struct Log {
  std::mutex mutex;
  Verbosity verbosity = Verbosity::kNormal;
  bool bar_shown = false;
  std::unique_ptr<spdlog::logger> logger = make_logger(false);

  static std::unique_ptr<spdlog::logger> make_logger(bool colour) {
    auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(
        colour ? spdlog::color_mode::always : spdlog::color_mode::never);
    sink->set_color(spdlog::level::info, "");
    sink->set_color(spdlog::level::debug, sink->dark);
    auto logger = std::make_unique<spdlog::logger>("preannotate", std::move(sink));
    logger->set_pattern("%^%v%$");
    logger->set_level(spdlog::level::debug);
    logger->flush_on(spdlog::level::debug);
    return logger;
  }

  void line(spdlog::level::level_enum level, const std::string& text) {
    const std::lock_guard lock(mutex);
    if (bar_shown) std::fputs("\r\033[K", stderr);
    bar_shown = false;
    logger->log(level, "{}", text);
  }
};

Log& the_log() {
  static Log log;
  return log;
}

}  // namespace

void set_up_log(Verbosity verbosity, bool color) {
  auto& log = the_log();
  const std::lock_guard lock(log.mutex);
  log.verbosity = verbosity;
  log.logger = Log::make_logger(colour_wanted(color));
}

Verbosity log_verbosity() {
  auto& log = the_log();
  const std::lock_guard lock(log.mutex);
  return log.verbosity;
}

void write_to_terminal(std::string_view text, bool leaves_bar) {
  auto& log = the_log();
  const std::lock_guard lock(log.mutex);
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
  log.bar_shown = leaves_bar;
}

void log_detail(std::string_view line) {
  if (log_verbosity() == Verbosity::kVerbose) the_log().line(spdlog::level::debug, printable(line));
}

void log_info(std::string_view line) {
  if (log_verbosity() != Verbosity::kQuiet) the_log().line(spdlog::level::info, printable(line));
}

void log_warning(std::string_view line) {
  if (log_verbosity() == Verbosity::kQuiet) return;
  the_log().line(spdlog::level::warn, "warning: " + printable(line));
}

void log_error(std::string_view line) {
  the_log().line(spdlog::level::err, "preannotate: " + printable(line));
}

}  // namespace preannotate
