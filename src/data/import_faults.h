#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "preannotate/core/error.h"
#include "preannotate/core/problems.h"
#include "preannotate/data/format.h"

namespace preannotate {

/// What is wrong in a file (or folder) of labels, collected so that one run shows it all. Places
/// are what a person looks up below `file`: "annotations[12]", "a.xml:7", "line 7".
class ImportFaults {
 public:
  /// With options.repair nothing is thrown: each fault becomes a problem.
  explicit ImportFaults(std::filesystem::path file, const ReadOptions& options = {})
      : file_(std::move(file)), options_(options) {}

  /// Runs `part`; its UserError, which begins with "<place>: ", becomes a fault. False when it
  /// threw.
  template <class Part>
  bool collect(const std::string& place, const Part& part) {
    try {
      part();
      return true;
    } catch (const UserError& error) {
      add(place, error.what());
      return false;
    }
  }
  /// At 100 faults throws what finish() does.
  void add(std::string place, std::string message);
  /// Throws one ImportError with equal faults (but for numbers) in one group; of a repair the
  /// faults become problems.
  void finish(std::vector<Problem>& problems);

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path file_;
  ReadOptions options_;
  std::vector<Fault> faults_;
};

/// What was used although it is not as it should be: each kind is one problem, with its count.
class ImportNotes {
 public:
  void add(const std::string& reason, const std::string& place, const std::string& what);
  /// Appends a problem of `input` for each reason, "3 times, first at annotations[2]: ...".
  void move_to(std::vector<Problem>& problems, const std::string& input);

 private:
  struct Note {
    size_t count = 0;
    std::string place, what;  // of the first
  };
  std::map<std::string, Note> notes_;
};

}  // namespace preannotate
