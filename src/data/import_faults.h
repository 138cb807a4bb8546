#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "preannotate/core/error.h"
#include "preannotate/core/problems.h"

namespace preannotate {

/// What is wrong in a file (or folder) of labels, collected so that one run shows it all. Places
/// are what a person looks up below `file`: "annotations[12]", "a.xml:7".
class ImportFaults {
 public:
  explicit ImportFaults(std::filesystem::path file) : file_(std::move(file)) {}

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
  /// At 100 faults throws what throw_if_any() does.
  void add(std::string place, std::string message);
  /// Throws one UserError(kBadInput) with equal faults (but for numbers) in one group.
  void throw_if_any() const;

 private:
  struct Group {
    std::string message;              // of the first
    std::vector<std::string> places;  // of all
  };
  std::filesystem::path file_;
  std::vector<Group> groups_;            // by first appearance
  std::map<std::string, size_t> index_;  // by the message without its numbers
  size_t count_ = 0;
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
