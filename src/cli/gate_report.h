#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace preannotate::cli {

/// One sentence of what is wrong, with where when that is a place in a file.
struct GateFailure {
  std::string message;
  std::string file = "";  // as seen from where the program was started; "" for none
  size_t line = 0;        // from 1; 0 for none
};

/// One thing that a gate looks at: a figure of evaluate, a kind of finding of check.
struct GateCase {
  std::string name;
  std::vector<GateFailure> failures;  // none: it passed
};

/// A check that can say no, and what it said.
struct Gate {
  std::string name;  // of the command
  std::vector<GateCase> cases;
};

/// --report junit:FILE, --report github; may be given several times.
CLI::Option* add_report(CLI::App& app, std::vector<std::string>& reports);

/// Before the work: an existing FILE must be an earlier report (UserError kOutputExists) in a
/// folder that is there (kCannotWrite).
void check_reports(const std::vector<std::string>& reports);

/// After the work, behind what the command prints. The lines for GitHub go to stdout, with `json`
/// to stderr, which it reads as well: stdout is one document then.
void write_reports(const std::vector<std::string>& reports, const Gate& gate, bool json);

/// A JUnit file of one suite; a failed case has one `failure` with a line for each of its failures.
std::string junit_text(const Gate& gate);

/// An ::error line for each failure up to 8, of which GitHub shows no more than 10 a step, and one
/// that counts the rest; "" when all passed.
std::string github_lines(const Gate& gate);

}  // namespace preannotate::cli
