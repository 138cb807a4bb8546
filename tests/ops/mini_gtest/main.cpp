#include <gtest/gtest.h>

#include <exception>
#include <iostream>
#include <string_view>

namespace testing {
namespace {

struct Noted {
  bool failed = false, skipped = false;
};
Noted noted;  // of the running test

/// `pattern` with * for any characters.
bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] != '*') {
    return !name.empty() && pattern[0] == name[0] && matches(pattern.substr(1), name.substr(1));
  }
  return matches(pattern.substr(1), name) || (!name.empty() && matches(pattern, name.substr(1)));
}

void run(const NamedTest& named) {
  noted = {};
  try {
    const auto test = named.make();
    test->SetUp();
    if (!noted.failed && !noted.skipped) test->TestBody();
  } catch (const std::exception& error) {
    Outcome(Outcome::kFailed, "exception", 0, error.what()) = Message();
  }
  std::cout << (noted.failed    ? "FAILED  "
                : noted.skipped ? "SKIPPED "
                                : "OK      ")
            << named.name << std::endl;
}

}  // namespace

std::vector<NamedTest>& all_tests() {
  static std::vector<NamedTest> tests;
  return tests;
}

void Outcome::operator=(const Message& message) const {
  (kind_ == kFailed ? noted.failed : noted.skipped) = true;
  std::cout << file_ << ":" << line_ << ": " << text_ << " " << message.str() << "\n";
}

}  // namespace testing

int main(int argc, char** argv) {
  constexpr std::string_view kFilter = "--gtest_filter=";
  std::string_view pattern = "*";
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with(kFilter)) pattern = argv[i] + kFilter.size();
  }
  int passed = 0, skipped = 0, failed = 0;
  for (const auto& test : testing::all_tests()) {
    if (!testing::matches(pattern, test.name)) continue;
    testing::run(test);
    ++(testing::noted.failed ? failed : testing::noted.skipped ? skipped : passed);
  }
  std::cout << passed << " tests passed, " << skipped << " skipped, " << failed << " failed\n";
  return failed == 0 && passed + skipped > 0 ? 0 : 1;
}
