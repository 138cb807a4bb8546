#include "gate_report.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <pugixml.hpp>
#include <sstream>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/text.h"
#include "usage_errors.h"

namespace preannotate::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kJunit = "junit:", kGithub = "github";
constexpr std::string_view kJunitBegins =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"preannotate\"";

/// "" or what is wrong with the value of --report.
std::string mistake_in(const std::string& report) {
  if (report == kGithub || (report.starts_with(kJunit) && report.size() > kJunit.size())) return "";
  const std::string kind = report.substr(0, report.find(':'));
  if (kind == kGithub) return "'" + report + "': github takes no file";
  if (kind == "junit") return "'" + report + "' lacks its file: junit:FILE";
  return "unknown report '" + report + "'" + suggestion(kind, {"junit", std::string(kGithub)});
}

/// Without what XML 1.0 forbids even as a reference: control characters and two code points.
std::string xml_characters(std::string_view text) {
  std::string out = printable(text);
  for (const auto& [forbidden, shown] :
       {std::pair{"\uFFFE", "\\uFFFE"}, std::pair{"\uFFFF", "\\uFFFF"}}) {
    for (size_t at = 0; (at = out.find(forbidden, at)) != out.npos;) out.replace(at, 3, shown);
  }
  return out;
}

void set(pugi::xml_node node, const char* name, std::string_view value) {
  node.append_attribute(name).set_value(xml_characters(value).c_str());
}

std::string with_count(const std::vector<GateFailure>& failures) {
  const size_t more = failures.size() - 1;
  return failures.front().message + (more > 0 ? " (and " + human_count(more) + " more)" : "");
}

void add_case(pugi::xml_node suite, const Gate& gate, const GateCase& entry) {
  auto node = suite.append_child("testcase");
  set(node, "classname", "preannotate." + gate.name);
  set(node, "name", entry.name);
  if (entry.failures.empty()) return;
  const GateFailure& first = entry.failures.front();
  if (!first.file.empty()) set(node, "file", first.file);
  if (first.line > 0) set(node, "line", std::to_string(first.line));
  auto failure = node.append_child("failure");
  set(failure, "message", with_count(entry.failures));
  set(failure, "type", entry.name);
  std::string lines;
  for (const auto& one : entry.failures) lines += xml_characters(one.message) + '\n';
  failure.text().set(lines.c_str());
}

void add_counts(pugi::xml_node node, const Gate& gate) {
  const auto failed = std::count_if(gate.cases.begin(), gate.cases.end(),
                                    [](const GateCase& one) { return !one.failures.empty(); });
  set(node, "tests", std::to_string(gate.cases.size()));
  set(node, "failures", std::to_string(failed));
  set(node, "errors", "0");
}

/// As GitHub's own toolkit escapes: what stays of a line break is a line break in the message,
/// other control characters are shown.
std::string github_text(std::string_view text, bool property) {
  std::string out, plain;
  for (const char c : text) {
    const char* escaped = c == '%'               ? "%25"
                          : c == '\r'            ? "%0D"
                          : c == '\n'            ? "%0A"
                          : property && c == ':' ? "%3A"
                          : property && c == ',' ? "%2C"
                                                 : nullptr;
    if (!escaped) {
      plain += c;
      continue;
    }
    out += printable(plain) + escaped;
    plain.clear();
  }
  return out + printable(plain);
}

std::string error_line(const Gate& gate, const GateFailure& failure) {
  std::string line = "::error ";
  if (!failure.file.empty()) {
    line += "file=" + github_text(failure.file, true) + ",";
    if (failure.line > 0) line += "line=" + std::to_string(failure.line) + ",";
  }
  return line + "title=" + github_text("preannotate " + gate.name, true) +
         "::" + github_text(failure.message, false) + "\n";
}

/// A file that is no report would be lost, as labels would with `--report junit:labels.json`.
void check_junit_file(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw UserError(kCannotWrite, "--report: there is no folder ", folder);
  }
  if (!fs::exists(file, error)) return;
  std::string begins(kJunitBegins.size(), '\0');
  std::ifstream(file, std::ios::binary).read(begins.data(), std::ssize(begins));
  if (begins != kJunitBegins) {
    throw UserError(kOutputExists, file,
                    " is there and no earlier report; --report junit:FILE wants another name");
  }
}

}  // namespace

CLI::Option* add_report(CLI::App& app, std::vector<std::string>& reports) {
  return app.add_option("--report", reports, "For CI: junit:FILE, or github for annotations")
      ->allow_extra_args(false)
      ->check(CLI::Validator([](std::string& report) { return mistake_in(report); }, ""));
}

void check_reports(const std::vector<std::string>& reports) {
  for (const auto& report : reports) {
    if (report.starts_with(kJunit)) check_junit_file(report.substr(kJunit.size()));
  }
}

void write_reports(const std::vector<std::string>& reports, const Gate& gate, bool json) {
  for (const auto& report : reports) {
    if (report.starts_with(kJunit)) {
      write_file(report.substr(kJunit.size()), junit_text(gate));
    } else {
      (json ? std::cerr : std::cout) << github_lines(gate) << std::flush;
    }
  }
}

std::string junit_text(const Gate& gate) {
  pugi::xml_document document;
  auto declaration = document.append_child(pugi::node_declaration);
  set(declaration, "version", "1.0");
  set(declaration, "encoding", "UTF-8");
  auto suites = document.append_child("testsuites");
  set(suites, "name", "preannotate");
  add_counts(suites, gate);
  auto suite = suites.append_child("testsuite");
  set(suite, "name", gate.name);
  add_counts(suite, gate);
  set(suite, "skipped", "0");
  for (const auto& entry : gate.cases) add_case(suite, gate, entry);
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

std::string github_lines(const Gate& gate) {
  constexpr size_t kShown = 8;
  std::string lines;
  size_t failures = 0;
  for (const auto& entry : gate.cases) {
    for (const auto& failure : entry.failures) {
      if (++failures <= kShown) lines += error_line(gate, failure);
    }
  }
  if (failures > kShown) {
    lines += error_line(gate, {"and " + human_count(failures - kShown) + " more"});
  }
  return lines;
}

}  // namespace preannotate::cli
