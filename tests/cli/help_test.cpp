#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <regex>
#include <sstream>

#include "cli/program.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void expect_neat(const std::string& help) {
  for (const auto& line : lines_of(help)) EXPECT_LE(line.size(), 79u) << line;
  EXPECT_THAT(help, Not(HasSubstr("\n\n\n")));
  EXPECT_THAT(help, testing::EndsWith("\n"));
}

TEST(Help, OfTheProgramListsTheCommandsAndExitCodes) {
  const auto outcome = run_program(test_folder(), {"--help"});
  EXPECT_THAT(outcome, Exits(0));
  EXPECT_EQ(outcome.err, "");
  expect_neat(outcome.out);
  std::string commands = outcome.out.substr(outcome.out.find("Commands:"));
  EXPECT_EQ(commands.substr(0, commands.find("\n\n") + 1),
            "Commands:\n"
            "  train                     Learn from a small labelled seed\n"
            "  predict                   Draft labels for folders of images\n"
            "  evaluate                  Measure a run or drafts against labels\n"
            "  rank                      Find the backbone that suits labelled images\n"
            "  issues                    Find labels that look wrong\n"
            "  select                    Choose the images that people look at\n"
            "  review                    Let people correct drafts in a browser\n"
            "  import                    Take answers back from another tool\n"
            "  statistics                Show what people made of the drafts\n"
            "  certify                   Accept drafts within a stated error\n"
            "  audit                     Measure the error of finished labels\n"
            "  update                    Learn from people's answers, if that helps\n"
            "  runs                      List runs and how they came about\n"
            "  simulate                  Replay the loop to see what it will save\n"
            "  check                     Find what is wrong with labels\n"
            "  convert                   Write labels in another format\n"
            "  doctor                    Show what this build and machine can do\n");
  for (const char* code : {"0 done", "2 wrong usage", "5 unusable model", "70 internal error"}) {
    EXPECT_THAT(outcome.out, HasSubstr(code));
  }
}

/// It takes a third of a second to load.
TEST(Help, DoesNotWaitForLibtorch) {
  const std::string command = "ldd '" PREANNOTATE_PROGRAM "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> libraries(popen(command.c_str(), "r"), pclose);
  ASSERT_TRUE(libraries);
  std::string text(1 << 16, '\0');
  text.resize(fread(text.data(), 1, text.size(), libraries.get()));
  EXPECT_THAT(text, HasSubstr("libpreannotate_core.so"));
  EXPECT_THAT(text, Not(HasSubstr("torch")));
}

TEST(Help, OfEveryCommandExplainsEveryOption) {
  for (const std::string command : {"train", "predict", "evaluate", "rank", "issues", "select",
                                    "review", "import", "statistics", "certify", "audit", "update",
                                    "runs", "simulate", "check", "convert", "doctor"}) {
    SCOPED_TRACE(command);
    const auto outcome = run_program(test_folder(), {command, "--help"});
    EXPECT_THAT(outcome, Exits(0));
    EXPECT_EQ(outcome.err, "");
    expect_neat(outcome.out);
    EXPECT_THAT(outcome.out, HasSubstr("Usage: preannotate " + command));
    EXPECT_THAT(outcome.out, HasSubstr("--config FILE"));
    const auto lines = lines_of(outcome.out);
    size_t options = 0;
    for (size_t i = 0; i < lines.size(); ++i) {
      if (!lines[i].starts_with("  -")) continue;
      ++options;
      // The text stands behind the option, or below one that is long.
      const bool beside = lines[i].size() > 28 && lines[i].substr(26, 2) == "  ";
      const std::string& text = beside ? lines[i] : lines.at(i + 1);
      ASSERT_GT(text.size(), 28u) << lines[i];
      EXPECT_TRUE(std::isupper(static_cast<unsigned char>(text[28]))) << text;
    }
    EXPECT_GE(options, 5u);
  }
}

TEST(Help, ShowsDefaults) {
  const auto help = [](const std::string& command, const std::string& option) {
    const auto text = run_program(test_folder(), {command, option}).out;
    return std::regex_replace(text, std::regex("\\s+"), " ");
  };
  const auto train = help("train", "--help");
  for (const char* shown :
       {"--folds N Cross-validation folds, 0 for none (default: 5 or hold-out)",
        "(default: none, of boxes light)", "(default: crop)",
        "--batch N Images in one forward pass (default: 4, the fastest in long lists)"}) {
    EXPECT_THAT(train, HasSubstr(shown));
  }
  EXPECT_TRUE(std::regex_search(help("predict", "-h"),
                                std::regex("--formats[^-]*coco,label_studio,csv\\)")));
}

TEST(Help, TheVersionIsOneLine) {
  for (const std::string option : {"--version", "-V"}) {
    const auto outcome = run_program(test_folder(), {option});
    EXPECT_THAT(outcome, Exits(0));
    EXPECT_EQ(outcome.out, "preannotate " PREANNOTATE_VERSION "\n");
    EXPECT_EQ(outcome.err, "");
  }
}

TEST(Help, DoctorSaysWhatThereIs) {
  const auto outcome = run_program(test_folder(), {"doctor"});
  EXPECT_THAT(outcome, Exits(0));
  EXPECT_THAT(outcome.out, HasSubstr("libtorch"));
  EXPECT_THAT(outcome.out, HasSubstr("cpu"));
}

}  // namespace
}  // namespace preannotate
