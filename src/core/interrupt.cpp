#include "preannotate/core/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <string_view>

namespace preannotate {
namespace {

constexpr unsigned kSecondsToEnd = 2;

std::atomic<int> arrived{0};

/// Only what a signal handler may do.
void on_signal(int signal) {
  int none = 0;
  if (!arrived.compare_exchange_strong(none, signal)) _exit(128 + signal);
  constexpr std::string_view kMessage = "\npreannotate: interrupted; ending (again: at once)\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
  ::alarm(kSecondsToEnd);
}

void on_alarm(int) {
  _exit(128 + arrived.load());
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void catch_interrupts() {
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction before {};
    // What a parent has the program ignore (nohup, a script's background) stays ignored.
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    handle(signal, on_signal);
  }
  handle(SIGALRM, on_alarm);
}

void stop_if_interrupted() {
  if (const int signal = arrived.load()) throw Interrupted(signal);
}

}  // namespace preannotate
