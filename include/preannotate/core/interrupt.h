#pragma once

#include <exception>

namespace preannotate {

/// Ctrl-C (SIGINT) or SIGTERM while a command works: the process ends with 128 + signal.
class Interrupted : public std::exception {
 public:
  explicit Interrupted(int signal) : signal_(signal) {}
  int signal() const { return signal_; }
  const char* what() const noexcept override { return "interrupted"; }

 private:
  int signal_;
};

/// From now on the first SIGINT or SIGTERM says so on stderr at once, and the work ends with
/// Interrupted when it next asks; a second one, or two seconds without an end, end the process on
/// the spot. Nothing depends on the end being an orderly one.
void catch_interrupts();

/// Throws Interrupted when a signal came. Progress::advance() asks, on the thread that waits for
/// the work.
void stop_if_interrupted();

}  // namespace preannotate
