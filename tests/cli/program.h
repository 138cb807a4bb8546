#pragma once

#include <gmock/gmock.h>
#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/synthetic.h"

namespace preannotate::testing_support {

/// What a run of the program left.
struct Outcome {
  int code = -1;  // 128 + the signal that ended it
  std::string out, err;
};
void PrintTo(const Outcome& outcome, std::ostream* stream);

/// How the program is started beside its arguments.
struct Start {
  std::string input;               // its stdin
  std::filesystem::path out_file;  // where stdout goes when one is given
  std::vector<std::pair<std::string, std::string>> environment{};  // added to ours
  std::uint64_t memory_limit = 0;                                  // bytes of addresses; 0: none
};

/// The program at work in `folder`, with its cache there too.
class RunningProgram {
 public:
  RunningProgram(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                 const Start& start = {});
  ~RunningProgram();  // kills what still runs
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  void send(int signal) const;
  std::string err() const;  // what it said so far
  bool ended();
  Outcome wait();

 private:
  struct Files;
  std::unique_ptr<Files> files_;
  pid_t process_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

/// Runs the program to its end. `input` is its stdin; stdout goes to the file `out_file` when one
/// is given.
Outcome run_program(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                    const std::string& input = "", const std::filesystem::path& out_file = "");

/// The same without a process of its own, which costs half a second: for what fails before any
/// work.
Outcome run_in_process(const std::filesystem::path& folder,
                       const std::vector<std::string>& arguments);

/// A world and a run trained on it, not to be changed: made by the first test that asks, kept below
/// the system's temporary folder until the program is built anew.
struct TrainedWorld {
  World world;
  std::filesystem::path run;
};
const TrainedWorld& trained_world();

/// The options that every training on a small world needs.
std::vector<std::string> train_arguments(const World& world, const std::filesystem::path& data,
                                         const std::string& output,
                                         const std::vector<std::string>& more = {});

std::vector<std::string> predict_arguments(const std::filesystem::path& source,
                                           const std::string& output,
                                           const std::vector<std::string>& more = {});

MATCHER_P(Exits, code, "exits with " + std::to_string(code)) {
  return arg.code == code;
}

}  // namespace preannotate::testing_support
