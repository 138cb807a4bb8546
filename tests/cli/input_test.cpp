#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "preannotate/core/json.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

/// Bad images and labels, as a person at the command line meets them.
class InputTest : public testing::Test {
 protected:
  /// A copy of the shared seed, to be spoilt.
  fs::path seed(const std::string& name) {
    fs::copy(trained_world().world.seed, folder_ / name, fs::copy_options::recursive);
    return folder_ / name;
  }

  Outcome train(const fs::path& data, const std::vector<std::string>& more = {}) {
    return run_program(folder_, train_arguments(trained_world().world, data, "run", more));
  }

  Outcome predict(const fs::path& source, const std::vector<std::string>& more = {},
                  const std::string& input = "") {
    return run_program(folder_, predict_arguments(source, "drafts", more), input);
  }

  std::vector<Json> ledger() {
    std::vector<Json> lines;
    std::ifstream file(folder_ / "drafts" / "drafts.jsonl");
    for (std::string line; std::getline(file, line);) lines.push_back(parse_json(line, "ledger"));
    return lines;
  }

  fs::path folder_ = test_folder();
};

void keep_first(const fs::path& folder, size_t count) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (size_t i = count; i < files.size(); ++i) fs::remove(files[i]);
}

// Rows 93, 94, 97.
TEST_F(InputTest, SeedsThatCannotTeachAreRefused) {
  const auto refused = [&](const fs::path& data, int code, const std::string& sentence) {
    const auto outcome = train(data);
    EXPECT_THAT(outcome, Exits(code));
    EXPECT_THAT(outcome.err, HasSubstr(sentence));
    EXPECT_THAT(outcome.err, HasSubstr(data.filename().string()));
    EXPECT_EQ(outcome.out, "");
    EXPECT_FALSE(fs::exists(folder_ / "run"));
  };
  refused("nowhere", 2, "does not exist");

  fs::create_directories(folder_ / "empty");
  refused(folder_ / "empty", 4, "empty");

  const auto one = seed("one");
  fs::remove_all(one / "red");
  fs::remove_all(one / "blue");
  refused(one, 4, "one class only, 'green'; a classifier needs at least two");

  write_text(folder_ / "flat" / "a.jpg", "x");
  refused(folder_ / "flat", 4, "in no class folders");

  write_text(folder_ / "labels.csv", "path,label\nmissing.jpg,red\n");
  refused(folder_ / "labels.csv", 4, "labels.csv");

  const auto broken = folder_ / "broken";
  for (const char* name : {"a/1.jpg", "b/1.jpg"}) write_text(broken / name, "no image");
  refused(broken, 4, "none of the 2 images can be read");
}

// Row 95.
TEST_F(InputTest, AClassWithOneImageIsSaid) {
  const auto data = seed("seed");
  keep_first(data / "red", 1);
  const auto outcome = train(data);
  EXPECT_THAT(outcome, Exits(0));
  EXPECT_THAT(outcome.out, HasSubstr("'red' has a single image"));
  for (const char* name : {"blue", "green"}) keep_first(data / name, 1);
  const auto single = train(data, {"--force"});
  EXPECT_THAT(single, Exits(0));
  EXPECT_THAT(single.out, AllOf(HasSubstr("no quality estimate"), Not(HasSubstr("nan"))));
}

TEST_F(InputTest, UnreadableSeedImagesAreNamedAndLeftOut) {
  const auto data = seed("seed");
  const auto jpeg = read_text(data / "red" / "00.jpg");
  write_text(data / "red" / "cut.jpg", jpeg.substr(0, jpeg.size() / 2));
  write_text(data / "blue" / "page.jpg", "<html>not found</html>");
  write_text(data / "green" / "none.jpg", "");
  const auto outcome = train(data);
  EXPECT_THAT(outcome, Exits(3));
  EXPECT_THAT(
      outcome.err,
      AllOf(HasSubstr("red/cut.jpg: truncated"), HasSubstr("blue/page.jpg: not_an_image"),
            HasSubstr("green/none.jpg: empty_file"), HasSubstr("3 of 21 images were left out")));
  EXPECT_TRUE(fs::exists(folder_ / "run" / "run.json"));
  EXPECT_THAT(train(data, {"--force", "--allow-skipped"}), Exits(0));
}

TEST_F(InputTest, OneBadImageCostsTheOthersNothing) {
  const auto source = folder_ / "source";
  fs::copy(trained_world().world.unlabelled, source, fs::copy_options::recursive);
  const auto jpeg = read_text(trained_world().world.seed / "red" / "00.jpg");
  write_text(source / "a" / "cut.jpg", jpeg.substr(0, jpeg.size() / 2));
  fs::create_symlink("nowhere.jpg", source / "a" / "link.jpg");
  const auto outcome = predict(source);
  EXPECT_THAT(outcome, Exits(3));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("a/cut.jpg: truncated"), HasSubstr("a/link.jpg: ")));
  EXPECT_THAT(outcome.out, HasSubstr("14 found: 12 done, 0 empty, 1 skipped, 1 failed"));
  EXPECT_EQ(ledger().size(), 14u);
  EXPECT_THAT(predict(source, {"--force", "--allow-skipped"}), Exits(0));
}

// Rows 50, 51.
TEST_F(InputTest, SourcesWithoutImagesAreRefused) {
  fs::create_directories(folder_ / "empty");
  auto outcome = predict("empty");
  EXPECT_THAT(outcome, Exits(4));
  EXPECT_THAT(outcome.err, HasSubstr("empty"));
  outcome = predict("nowhere");
  EXPECT_THAT(outcome, Exits(2));
  EXPECT_THAT(outcome.err, HasSubstr("nowhere"));
  EXPECT_FALSE(fs::exists(folder_ / "drafts"));
}

// Row 40.
TEST_F(InputTest, TheSameNameInSeveralFoldersIsKept) {
  const auto jpeg = read_text(trained_world().world.seed / "red" / "00.jpg");
  for (const char* name : {"a/x.jpg", "b/x.jpg", "b/c/x.jpg", "x.jpg", "x.jpeg"}) {
    write_text(folder_ / "source" / name, jpeg);
  }
  ASSERT_THAT(predict("source", {"--formats", "coco,csv,label_studio,folder"}), Exits(0));
  std::vector<std::string> names;
  for (const auto& line : ledger()) names.push_back(line.at("image").get<std::string>());
  EXPECT_THAT(names,
              testing::UnorderedElementsAre("a/x.jpg", "b/x.jpg", "b/c/x.jpg", "x.jpg", "x.jpeg"));
  EXPECT_EQ(read_json(folder_ / "drafts" / "coco" / "annotations.json").at("images").size(), 5u);

  const auto data = seed("seed");
  write_text(data / "red" / "more" / "00.jpg", jpeg);
  const auto outcome = train(data, {"--json"});
  ASSERT_THAT(outcome, Exits(0));
  EXPECT_EQ(parse_json(outcome.out, "stdout").at("data").at("images").get<int>(), 19);
}

// Rows 36, 38, 39.
TEST_F(InputTest, FileNamesOfAnyBytesWorkAndAreShownEscaped) {
  const auto jpeg = read_text(trained_world().world.seed / "red" / "00.jpg");
  const std::vector<std::string> names{"new\nline.jpg",   "esc\x1b[31mred.jpg", "quote\"'.jpg",
                                       "-leading.jpg",    "bytes\xFF\xFE.jpg",  "per%20cent.jpg",
                                       "comma,semi;.jpg", "ümlaut 日本.jpg"};
  for (const auto& name : names) {
    write_text(folder_ / "source" / name, jpeg);
    write_text(folder_ / "source" / ("bad " + name), "no image");
  }
  const auto outcome = predict("source", {"--formats", "coco,csv,label_studio,folder"});
  EXPECT_THAT(outcome, Exits(3));
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("bad esc\\x1B[31mred.jpg"), HasSubstr("bad new\\x0Aline.jpg"),
                    Not(HasSubstr("\x1b")), Not(HasSubstr("\xFF"))));
  EXPECT_EQ(ledger().size(), 2 * names.size());
  const Json coco = read_json(folder_ / "drafts" / "coco" / "annotations.json");
  EXPECT_EQ(coco.at("images").size(), names.size());

  const auto source = folder_ / "source";
  const auto dashed = run_program(
      source, predict_arguments(names[2], "../drafts", {"--force", "--source", "x", names[3]}));
  EXPECT_THAT(dashed, Exits(2));
  EXPECT_THAT(dashed.err, HasSubstr("write ./-leading.jpg for the file"));
  EXPECT_THAT(run_program(source, predict_arguments("-leading.jpg", "../drafts", {"--force"})),
              Exits(0));
}

TEST_F(InputTest, AListOnStdinIsRead) {
  const auto& unlabelled = trained_world().world.unlabelled;
  const auto list = (unlabelled / "a" / "00.jpg").string() + "\n" +
                    (unlabelled / "b c" / "01.jpg").string() + "\r\nnowhere.jpg";
  const auto outcome = predict("-", {}, list);
  EXPECT_THAT(outcome, Exits(3));
  EXPECT_THAT(outcome.out, HasSubstr("3 found: 2 done, 0 empty, 0 skipped, 1 failed"));
  EXPECT_THAT(outcome.err, HasSubstr("nowhere.jpg"));
  const auto nothing = predict("-", {"--force"});
  EXPECT_THAT(nothing, Exits(4));
}

TEST_F(InputTest, AFolderNamedLikeACommandIsAFolder) {
  write_text(folder_ / "predict" / "x.jpg",
             read_text(trained_world().world.seed / "red" / "00.jpg"));
  EXPECT_THAT(run_program(folder_, predict_arguments(trained_world().world.unlabelled / "a",
                                                     "drafts", {"--source", "predict"})),
              Exits(0));
  EXPECT_EQ(ledger().size(), 7u);
}

}  // namespace
}  // namespace preannotate
