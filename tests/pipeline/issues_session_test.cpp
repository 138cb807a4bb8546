#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "boxed_world.h"
#include "preannotate/core/json.h"
#include "preannotate/pipeline/issues.h"
#include "preannotate/pipeline/train.h"
#include "refusal.h"
#include "support/test_folder.h"
#include "synthetic.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace testing_support;

/// Labels of small worlds in which some are planted wrong.
class IssuesSession : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = test_folder();
    setenv("PREANNOTATE_CACHE", (folder_ / "cache").c_str(), 1);
  }

  IssuesOptions options_for(const fs::path& data, const fs::path& backbone) const {
    IssuesOptions options;
    options.train.data = data;
    options.train.output = folder_ / "issues";
    options.train.backbone = backbone;
    options.train.trust_backbone = true;
    options.train.workers = 2;
    options.rounds = 2;
    return options;
  }

  /// A red and a blue disc in the folder of green ones.
  World world_with_wrong_labels() const {
    const World world = make_world(folder_ / "world", 12, 2);
    fs::rename(world.seed / "red" / "03.jpg", world.seed / "green" / "is red.jpg");
    fs::rename(world.seed / "blue" / "05.jpg", world.seed / "green" / "is blue.jpg");
    return world;
  }

  Json written() const { return read_json(folder_ / "issues" / "issues.json"); }
  std::string page() const { return read_text(folder_ / "issues" / "report.html"); }

  fs::path folder_;
};

/// "kind image: label -> suggestion"
std::string line_of(const Json& issue) {
  const auto text = [&](const char* key) {
    return issue.at(key).is_null() ? "-" : issue.at(key).get<std::string>();
  };
  return text("kind") + " " + text("image") + ": " + text("label") + " -> " + text("suggestion");
}

std::vector<std::string> flagged_in(const Json& issues) {
  std::vector<std::string> lines;
  for (const auto& issue : issues.at("issues")) {
    if (issue.at("flagged").get<bool>()) lines.push_back(line_of(issue));
  }
  return lines;
}

std::vector<std::string> first_in(const Json& issues, size_t count) {
  std::vector<std::string> lines;
  for (const auto& issue : issues.at("issues")) {
    if (lines.size() < count) lines.push_back(line_of(issue));
  }
  return lines;
}

TEST_F(IssuesSession, WrongClassesAreFoundAndNothingIsChanged) {
  const World world = world_with_wrong_labels();
  const auto before = content_of(world.folder);
  const auto result = find_issues(options_for(world.seed, world.backbone));
  EXPECT_EQ(result.exit_code, kDone);
  // Both come first; how many of so few images are flagged is an estimate.
  EXPECT_THAT(first_in(result.issues, 2),
              testing::UnorderedElementsAre("wrong_label green/is red.jpg: green -> red",
                                            "wrong_label green/is blue.jpg: green -> blue"));
  EXPECT_EQ(written(), result.issues);
  const int flagged = result.issues.at("flagged").get<int>();
  EXPECT_TRUE(flagged == 1 || flagged == 2) << flagged;
  EXPECT_EQ(result.issues.at("data").at("images"), 36);
  EXPECT_THAT(page(), AllOf(HasSubstr("wrong</h1>"), HasSubstr("green/is red.jpg"),
                            HasSubstr("data:image/jpeg;base64,"), Not(HasSubstr("<script"))));
  EXPECT_EQ(content_of(world.folder), before);
}

TEST_F(IssuesSession, TheSameSeedGivesTheSameBytes) {
  const World world = world_with_wrong_labels();
  auto options = options_for(world.seed, world.backbone);
  find_issues(options);
  const auto first = content_of(folder_ / "issues");
  options.train.force = true;
  find_issues(options);
  EXPECT_EQ(content_of(folder_ / "issues"), first);
}

TEST_F(IssuesSession, MoreThanAllowedFails) {
  const World world = world_with_wrong_labels();
  auto options = options_for(world.seed, world.backbone);
  options.fail_over = 0;
  const auto result = find_issues(options);
  EXPECT_EQ(result.exit_code, kCheckFailed);
  EXPECT_THAT(result.failure, HasSubstr("flagged, more than --fail-over 0"));
  options.fail_over = 2;
  options.train.force = true;
  EXPECT_EQ(find_issues(options).exit_code, kDone);
}

TEST_F(IssuesSession, TheSamePictureWithTwoLabelsIsFoundWhateverTheHeadSays) {
  const World world = make_world(folder_ / "world", 8, 2);
  fs::copy_file(world.seed / "red" / "02.jpg", world.seed / "blue" / "copy.jpg");
  const auto result = find_issues(options_for(world.seed, world.backbone));
  EXPECT_THAT(flagged_in(result.issues), Contains("duplicate blue/copy.jpg: blue -> red"));
  const Json& issues = result.issues.at("issues");
  const auto found = std::find_if(issues.begin(), issues.end(), [](const Json& issue) {
    return issue.at("kind") == "duplicate";
  });
  ASSERT_NE(found, issues.end());
  EXPECT_EQ(found->at("other"), "red/02.jpg");
  EXPECT_EQ(found->at("score"), 0);
}

TEST_F(IssuesSession, ARunThatDidNotSeeTheImagesJudgesThem) {
  const World world = make_world(folder_ / "world", 8, 24);
  TrainOptions train_options;
  train_options.data = world.seed;
  train_options.output = folder_ / "run";
  train_options.backbone = world.backbone;
  train_options.trust_backbone = true;
  train(train_options);
  std::string truth = read_text(world.truth);
  const size_t first = truth.find('\n') + 1, comma = truth.find(',', first);
  const size_t end = truth.find('\n', first);
  const std::string image = truth.substr(first, comma - first);
  const std::string right = truth.substr(comma + 1, end - comma - 1);
  const std::string wrong = right == "red" ? "blue" : "red";
  truth.replace(comma + 1, right.size(), wrong);
  write_text(world.unlabelled / "labels.csv", truth);

  auto options = options_for(world.unlabelled / "labels.csv", "");
  options.train.trust_backbone = false;
  options.model = folder_ / "run";
  const auto result = find_issues(options);
  EXPECT_THAT(flagged_in(result.issues),
              Contains("wrong_label " + image + ": " + wrong + " -> " + right));
  EXPECT_EQ(result.issues.at("judged_by"),
            "run " + result.issues.at("model_version").get<std::string>());
  EXPECT_THAT(page(), HasSubstr("a run that must not have been trained on it"));
}

TEST_F(IssuesSession, ARunTrainedOnTheSameLabelsIsRefused) {
  const World world = world_with_wrong_labels();
  TrainOptions train_options;
  train_options.data = world.seed;
  train_options.output = folder_ / "run";
  train_options.backbone = world.backbone;
  train_options.trust_backbone = true;
  train(train_options);
  auto options = options_for(world.seed, "");
  options.model = folder_ / "run";
  EXPECT_THAT(refusal([&] { find_issues(options); }),
              AllOf(HasSubstr("2: "), HasSubstr("was trained on exactly these images and labels"),
                    HasSubstr("leave --model out")));
  EXPECT_FALSE(fs::exists(folder_ / "issues"));

  options.train.task = "multilabel";
  EXPECT_THAT(refusal([&] { find_issues(options); }), HasSubstr("is for classify"));
}

TEST_F(IssuesSession, MissingAndWrongLabelsOfSeveralAreFoundAClassAtATime) {
  const World world = make_multilabel_world(folder_ / "world", 48);
  std::string csv = read_text(world.seed);
  const auto relabel = [&](const std::string& image, const std::string& from,
                           const std::string& to) {
    const std::string line = image + "," + from + "\n";
    ASSERT_THAT(csv, HasSubstr(line));
    csv.replace(csv.find(line), line.size(), image + "," + to + "\n");
  };
  relabel("images/11.png", "blue;green", "blue");  // green is missing
  relabel("images/20.png", "red", "green;red");    // green is wrong
  write_text(world.seed, csv);
  const auto result = find_issues(options_for(world.seed, world.backbone));
  EXPECT_EQ(result.issues.at("task"), "multilabel");
  const auto flagged = flagged_in(result.issues);
  EXPECT_THAT(flagged, Contains("missing_label images/11.png: - -> green"));
  EXPECT_THAT(flagged, Contains("wrong_label images/20.png: green -> -"));
  EXPECT_LT(flagged.size(), 12u);
}

TEST_F(IssuesSession, UnreadableImagesAreLeftOutAndSaid) {
  const World world = world_with_wrong_labels();
  write_text(world.seed / "red" / "broken.jpg", "no image");
  auto options = options_for(world.seed, world.backbone);
  const auto result = find_issues(options);
  EXPECT_EQ(result.exit_code, kSomeSkipped);
  EXPECT_EQ(result.issues.at("data").at("left_out").at(0).at("image"), "red/broken.jpg");
  options.train.force = options.train.allow_skipped = true;
  EXPECT_EQ(find_issues(options).exit_code, kDone);
}

TEST_F(IssuesSession, OneClassAloneCannotBeJudged) {
  const World world = make_world(folder_ / "world", 3, 2);
  fs::remove_all(world.seed / "red");
  fs::remove_all(world.seed / "blue");
  EXPECT_THAT(refusal([&] { find_issues(options_for(world.seed, world.backbone)); }),
              AllOf(HasSubstr("4: "), HasSubstr("one class only")));
}

TEST_F(IssuesSession, NamesFromOutsideAreEscapedOnThePage) {
  const World world = make_world(folder_ / "world", 8, 2);
  fs::rename(world.seed / "green", world.seed / "<b>green");
  fs::rename(world.seed / "red" / "03.jpg", world.seed / "<b>green" / "<i>.jpg");
  find_issues(options_for(world.seed, world.backbone));
  EXPECT_THAT(page(), AllOf(HasSubstr("&lt;b&gt;green/&lt;i&gt;.jpg"), Not(HasSubstr("<b>green")),
                            Not(HasSubstr("<i>.jpg"))));
}

TEST_F(IssuesSession, WrongBoxesAreFound) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 24, 3);
  auto planted = world.labelled;
  // Unlabel an object, and turn another's class.
  std::string forgotten, turned;
  for (auto& picture : planted) {
    if (picture.objects.size() < 2) continue;
    if (forgotten.empty()) {
      forgotten = picture.name;
      picture.objects.erase(picture.objects.begin());
    } else if (turned.empty()) {
      turned = picture.name;
      picture.objects[0].category = 1 - picture.objects[0].category;
    }
  }
  ASSERT_FALSE(turned.empty());
  write_text(world.seed, coco_of(planted).dump());
  auto options = options_for(world.seed, world.backbone);
  options.train.imgsz = 96;
  options.train.steps = 300;
  const auto result = find_issues(options);
  EXPECT_EQ(result.issues.at("task"), "detect");
  EXPECT_EQ(result.issues.at("judged_by"), "3-fold out-of-fold");
  std::set<std::string> overlooked, swapped;
  for (const auto& issue : result.issues.at("issues")) {
    if (issue.at("kind") == "overlooked" && issue.at("flagged"))
      overlooked.insert(issue.at("image"));
    if (issue.at("kind") == "swapped" && issue.at("flagged")) swapped.insert(issue.at("image"));
  }
  EXPECT_THAT(overlooked, Contains(forgotten));
  EXPECT_THAT(swapped, Contains(turned));
  EXPECT_THAT(page(), AllOf(HasSubstr("Objects that no box marks"), HasSubstr("<svg viewBox")));
}

}  // namespace
}  // namespace preannotate
