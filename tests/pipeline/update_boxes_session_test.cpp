#include <nlohmann/json.hpp>

#include "boxed_session.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/model/run_folder.h"
#include "preannotate/pipeline/update.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace testing_support;

/// Boxes that people reviewed: the first ten pictures are answered, the others judge.
class UpdateBoxes : public BoxedSession {
 protected:
  void SetUp() override {
    BoxedSession::SetUp();
    world_ = make_boxed_world(folder_ / "world", 16, 20);
  }

  void prepare(const TrainOptions& options) {
    train(options);
    auto drafts = predict_options(world_);
    drafts.formats = {};
    predict(drafts);
    gold_ =
        write_boxed_seed(folder_ / "gold", {world_.pictures.begin() + 10, world_.pictures.end()});
  }

  /// What is there, or, `wrong`, boxes where nothing is.
  Answer answer(const LedgerEntry& entry, bool wrong) const {
    Answer answer;
    answer.at = utc_now();
    answer.image = entry.sample.image;
    answer.sha256 = entry.sha256;
    answer.reviewer = "ann";
    answer.drafts = entry.sample.labels;
    for (const auto& picture : world_.pictures) {
      if (picture.name != answer.image) continue;
      for (const auto& object : picture.objects) {
        answer.labels.push_back({object.category, {}, object.box, ""});
      }
      if (wrong) answer.labels = {{0, {}, Box{0, 0, 9, 9}, ""}, {1, {}, Box{60, 40, 70, 50}, ""}};
    }
    return answer;
  }

  void append(bool wrong, std::vector<std::string> categories = kBoxedClasses) const {
    std::vector<Answer> answers;
    for (const auto& entry : ledger()) {
      const auto is = [&](const auto& picture) { return picture.name == entry.sample.image; };
      const bool judges = std::any_of(world_.pictures.begin() + 10, world_.pictures.end(), is);
      if (!judges) answers.push_back(answer(entry, wrong));
    }
    if (categories.size() > 2) answers.at(0).labels.push_back({2, {}, Box{1, 1, 20, 20}, ""});
    AnswerWriter(folder_ / "drafts").append(answers, categories);
  }

  UpdateOptions update_options() const {
    UpdateOptions options;
    options.model = folder_ / "run";
    options.reviewed = {folder_ / "drafts"};
    options.gold = gold_;
    options.output = folder_ / "run2";
    options.workers = 2;
    return options;
  }

  BoxedWorld world_;
  fs::path gold_;
};

TEST_F(UpdateBoxes, GoesOnFromTheOldDetectorAndIsJudgedByAp50) {
  prepare(train_options(world_));
  append(/*wrong=*/false);
  const auto result = update(update_options());
  EXPECT_EQ(result.outcome, "promoted") << result.reason;
  const Json metrics = read_json(folder_ / "run2" / "metrics.json");
  EXPECT_EQ(metrics.at("head").at("warm_start"), true);
  EXPECT_EQ(metrics.at("data").at("images"), 26);
  EXPECT_THAT(result.reason, HasSubstr("AP50 on the gold set"));
  EXPECT_GT(result.lineage.at("gold").at("challenger").get<double>(), 0.5);
  EXPECT_EQ(update(update_options()).outcome, "nothing new");
}

TEST_F(UpdateBoxes, WrongBoxesAreRefused) {
  auto options = train_options(world_);
  prepare(options);
  append(/*wrong=*/true);
  fs::remove_all(world_.seed.parent_path());  // nothing right is left to learn from
  const auto result = update(update_options());
  EXPECT_EQ(result.outcome, "refused") << result.reason;
  EXPECT_EQ(result.exit_code, kCheckFailed);
}

TEST_F(UpdateBoxes, ANewClassHasRoomBehindTheOldOnes) {
  prepare(quick_options(world_));
  append(/*wrong=*/false, {"blue", "red", "green"});
  update(update_options());
  const auto run = load_run(folder_ / "run2");
  EXPECT_THAT(run.manifest.classes, ElementsAre("blue", "red", "green"));
  EXPECT_EQ(run.detector->shape().classes, 3);
  EXPECT_EQ(read_json(folder_ / "run2" / "metrics.json").at("head").at("warm_start"), true);
}

}  // namespace
}  // namespace preannotate
