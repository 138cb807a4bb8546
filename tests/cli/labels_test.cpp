// check and convert, as a person at the command line meets them.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "data/drafts.h"
#include "preannotate/core/json.h"
#include "preannotate/data/format.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

class LabelsTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "coco");
    format_named("coco").write(boxed_drafts(), folder_ / "coco");
  }
  Outcome run(const std::vector<std::string>& arguments) {
    return run_in_process(folder_, arguments);
  }
  fs::path folder_ = test_folder();
};

TEST_F(LabelsTest, ConvertSaysWhatItWroteAndWhatWasLost) {
  const auto outcome = run({"convert", "coco", "yolo", "--to-format", "yolo"});
  EXPECT_THAT(outcome, Exits(0));
  EXPECT_EQ(outcome.out, "yolo: 3 images, 3 labels, 2 categories (coco to yolo)\n");
  EXPECT_THAT(outcome.err, HasSubstr("1 classes of whole images are left out"));
  EXPECT_TRUE(fs::exists(folder_ / "yolo" / "data.yaml"));
  const auto again = run({"convert", "coco", "yolo", "--to-format", "yolo"});
  EXPECT_THAT(again, Exits(8));
  const auto json =
      parse_json(run({"convert", "yolo", "voc", "--to-format", "voc", "--json", "-q"}).out, "out");
  EXPECT_EQ(json["from_format"], "yolo");
  EXPECT_EQ(json["images"], 3);
}

TEST_F(LabelsTest, ConvertNamesWhatItCannotDo) {
  const auto wrong = run({"convert", "coco", "out", "--to-format", "yoloo"});
  EXPECT_THAT(wrong, Exits(2));
  EXPECT_THAT(wrong.err, HasSubstr("unknown format 'yoloo'; did you mean 'yolo'?"));
  EXPECT_THAT(run({"convert", "none", "out", "--to-format", "yolo"}), Exits(2));
  EXPECT_THAT(run({"convert", "coco", "out", "--to-format", "csv", "--map", "cell"}), Exits(2));
  EXPECT_THAT(run({"convert", "coco", "out", "--to-format", "csv", "--map", "red=blue"}).err,
              HasSubstr("there is no category 'red'"));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(LabelsTest, CheckListsFindingsAndExitsWithOne) {
  const auto good = run({"check", "coco"});
  EXPECT_THAT(good, Exits(0));
  EXPECT_THAT(good.out, HasSubstr("coco: coco, 4 images, 5 labels: nothing found\n"));

  auto json = read_json(folder_ / "coco" / "annotations.json");
  json["annotations"][0]["id"] = 0;
  json["annotations"][1]["bbox"] = {600, 20, 100, 50};
  write_text(folder_ / "coco" / "annotations.json", json.dump(1));
  const auto bad = run({"check", "coco"});
  EXPECT_THAT(bad, Exits(1));
  EXPECT_THAT(bad.out, AllOf(HasSubstr("annotation_id_zero: annotation id 0 counts as"),
                             HasSubstr("(pycocotools)\n"), HasSubstr("box_clipped"),
                             HasSubstr("2 findings\n")));
  EXPECT_THAT(run({"check", "coco", "--for", "cvat"}).out, Not(HasSubstr("annotation_id_zero")));
  const auto as_json = parse_json(run({"check", "coco", "--json"}).out, "out");
  EXPECT_EQ(as_json["findings"].size(), 2u);

  EXPECT_THAT(run({"check", "coco", "--fix", "fixed", "-q"}), Exits(1));
  EXPECT_THAT(run({"check", "fixed"}), Exits(0));
  EXPECT_THAT(run({"check", "coco", "--fix", "fixed"}), Exits(8));
}

TEST_F(LabelsTest, CheckNamesWhatItDoesNotKnow) {
  const auto tool = run({"check", "coco", "--for", "cvatt"});
  EXPECT_THAT(tool, Exits(2));
  EXPECT_THAT(tool.err, HasSubstr("did you mean 'cvat'?"));
  EXPECT_THAT(run({"check", "none"}), Exits(2));
  fs::create_directories(folder_ / "empty");
  EXPECT_THAT(run({"check", "empty"}), Exits(4));
}

}  // namespace
}  // namespace preannotate
