#pragma once

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>

namespace preannotate {

/// What the process returns. Codes may be added; an unknown one means failure.
enum ExitCode : int {
  kDone = 0,
  kCheckFailed = 1,   // a check that was asked for said no
  kUsageError = 2,    // wrong command line or config; nothing was done
  kSomeSkipped = 3,   // finished, some inputs were left out
  kBadInput = 4,      // labels or images unusable
  kBadModel = 5,      // model missing, damaged, untrusted or incompatible
  kNoDevice = 6,      // device missing or out of memory
  kCannotWrite = 7,   // output could not be written; the old one is intact
  kOutputExists = 8,  // output exists or is locked
  kDiverged = 9,      // training diverged
  kBug = 70,          // internal error
};

/// Input or command line is at fault. what() is one sentence: file:line, what was found, what
/// would be right. Paths in it are shown with control characters escaped.
class UserError : public std::runtime_error {
 public:
  /// UserError(kBadInput, path, ":", line, ": category '", name, "' is not in classes.txt")
  template <class... Parts>
  explicit UserError(ExitCode code, const Parts&... parts)
      : std::runtime_error(join(parts...)), code_(code) {}

  ExitCode exit_code() const { return code_; }

 private:
  static void append(std::ostringstream& out, const std::filesystem::path& part);
  template <class Part>
  static void append(std::ostringstream& out, const Part& part) {
    out << part;
  }
  template <class... Parts>
  static std::string join(const Parts&... parts) {
    std::ostringstream out;
    (append(out, parts), ...);
    return escape(out.str());
  }
  static std::string escape(const std::string& text);

  ExitCode code_;
};

}  // namespace preannotate
