// review, as a person and a browser meet it.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/program.h"
#include "preannotate/core/json.h"
#include "review/draft_folder.h"
#include "serve/http_client.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using namespace testing_support;

class ReviewCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    write_draft_folder(folder_ / "drafts", "classify", world_.categories, world_.entries);
    write_text(out_, "");
  }
  void start(std::vector<std::string> more = {},
             std::vector<std::pair<std::string, std::string>> environment = {}) {
    std::vector<std::string> arguments{"review", "drafts", "--no-browser"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    write_text(out_, "");
    program_ = std::make_unique<RunningProgram>(folder_, arguments,
                                                Start{{}, out_, std::move(environment)});
    std::string text;
    while (!program_->ended() && text.find('\n') == text.npos) {
      std::this_thread::sleep_for(5ms);
      text = read_text(out_);
    }
    ASSERT_THAT(text, StartsWith("http://127.0.0.1:")) << program_->err();
    const size_t port = text.find(':', 5) + 1, path = text.find('/', port);
    port_ = static_cast<std::uint16_t>(std::stoi(text.substr(port, path - port)));
    below_ = text.substr(path, text.find('\n') - path);
  }
  Json post_json(const std::string& path, const Json& request) {
    const auto answer = post(port_, below_ + path, json_text(request));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return parse_json(answer.body, "reply");
  }
  /// The truth of the next `count` images.
  void answer(const std::string& reviewer, size_t count) {
    const Json items = post_json(
        "api/items", {{"reviewer", reviewer}, {"count", count}, {"mode", "single"}})["items"];
    ASSERT_EQ(items.size(), count);
    Json answers = Json::array();
    for (const Json& item : items) {
      const size_t image = std::stoul(item["image"].get<std::string>().substr(4, 4));
      answers.push_back({{"item", item["item"]},
                         {"action", "labels"},
                         {"labels", Json::array({{{"category", world_.truth[image]}}})},
                         {"seconds", 1.5}});
    }
    const Json reply = post_json("api/answers", {{"reviewer", reviewer}, {"answers", answers}});
    EXPECT_TRUE(reply["refused"].empty()) << reply;
  }
  Outcome end(int signal = SIGTERM) {
    program_->send(signal);
    auto outcome = program_->wait();
    outcome.out = read_text(out_);
    return outcome;
  }
  fs::path folder_ = test_folder(), out_ = folder_ / "out.txt";
  DraftedWorld world_ = drafted_world(1000, 0.2, 3);
  std::unique_ptr<RunningProgram> program_;
  std::uint16_t port_ = 0;
  std::string below_;  // "/TOKEN/"
};

TEST_F(ReviewCommandTest, AnswersArriveAndASignalIsTheEnd) {
  start();
  EXPECT_THAT(get(port_, below_).body, StartsWith("<!"));
  answer("ann", 3);
  answer("ben", 1);
  const auto outcome = end();
  EXPECT_THAT(outcome, Exits(0));
  EXPECT_THAT(
      outcome.out,
      HasSubstr("\nsession  3 answers by ann, 1.5 s each; 1 answer by ben, 1.5 s each; 896 of 900\n"
                "         images left\n"));
  EXPECT_THAT(outcome.err, HasSubstr("900 images, 0 answered; each answer is saved at once"));
}

TEST_F(ReviewCommandTest, AKillLosesNothing) {
  start();
  answer("ann", 5);
  EXPECT_THAT(end(SIGKILL), Exits(128 + SIGKILL));
  start({"--reviewer", "ann"});
  const Json session = parse_json(get(port_, below_ + "api/session").body, "reply");
  EXPECT_EQ(session["answered"], 5);
  EXPECT_EQ(session["reviewer"], "ann");
  EXPECT_THAT(end().out, HasSubstr("\nsession  no answers; 895 of 900 images left\n"));
}

/// A disk that is full at its first write, or cannot sync it or its folder. The first call ends a
/// half line that a kill left.
TEST_F(ReviewCommandTest, AnAnswerThatCannotBeWrittenDoesNotCount) {
  for (const char* call : {"2", "3", "4"}) {
    SCOPED_TRACE(call);
    fs::remove(folder_ / "drafts/review.jsonl");
    write_text(folder_ / "drafts/review.jsonl", "");
    start({}, {{"LD_PRELOAD", PREANNOTATE_FAULTS},
               {"ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0"},
               {"FAULT_FOLDER", (folder_ / "drafts").string()},
               {"FAULT_AT", call},
               {"FAULT_ERRNO", std::to_string(ENOSPC)}});
    const std::string body =
        R"({"reviewer":"ann","answers":[{"item":0,"action":"labels","labels":[{"category":0}]}]})";
    const auto refused = post(port_, below_ + "api/answers", body);
    EXPECT_EQ(refused.status, 500);
    EXPECT_THAT(refused.body, HasSubstr("cannot be written: No space left on device"));
    EXPECT_EQ(read_text(folder_ / "drafts/review.jsonl"), "");
    EXPECT_EQ(post(port_, below_ + "api/answers", body).status, 200) << "the page asks again";
    const auto log = read_text(folder_ / "drafts/review.jsonl");
    EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1);
    EXPECT_THAT(end().out, HasSubstr("1 answer by ann"));
  }
}

TEST_F(ReviewCommandTest, TheTokenIsAnotherEachTime) {
  start();
  const auto first = below_;
  end();
  start();
  EXPECT_NE(below_, first);
  EXPECT_EQ(get(port_, first + "api/session").status, 403);
}

TEST_F(ReviewCommandTest, ASecondReviewOfTheSameDraftsIsRefused) {
  start();
  const auto second = run_program(folder_, {"review", "drafts", "--no-browser"});
  EXPECT_THAT(second, Exits(8));
  EXPECT_THAT(second.err, HasSubstr("another preannotate takes answers of these drafts"));
  EXPECT_EQ(second.out, "");
  EXPECT_EQ(get(port_, below_).status, 200);
}

TEST_F(ReviewCommandTest, APortThatIsTakenIsNamed) {
  start();
  const auto port = std::to_string(port_);
  fs::copy(folder_ / "drafts", folder_ / "copy");
  const auto second = run_program(folder_, {"review", "copy", "--no-browser", "--port", port});
  EXPECT_THAT(second, Exits(2));
  EXPECT_THAT(second.err, HasSubstr("--port " + port + ": Address already in use"));
}

TEST_F(ReviewCommandTest, ABlindSampleIsAnsweredAndCertified) {
  ASSERT_THAT(run_in_process(folder_, {"select", "drafts", "--for", "certify", "--budget", "200",
                                       "--seed", "4"}),
              Exits(0));
  start({"--selection", "certify"});
  answer("ann", 120);
  answer("ann", 80);
  EXPECT_THAT(end().out,
              HasSubstr("\nsession  200 answers by ann, 1.5 s each; 0 of 200 images left\n"));
  const auto given = run_in_process(folder_, {"certify", "drafts", "--max-error", "0.05"});
  EXPECT_THAT(given, Exits(0));
  EXPECT_THAT(given.out, HasSubstr("sample   200 of 1,000 images"));
}

TEST_F(ReviewCommandTest, JsonIsALineForTheAddressAndOneForTheSession) {
  write_text(out_, "");
  program_ = std::make_unique<RunningProgram>(
      folder_, std::vector<std::string>{"review", "drafts", "--no-browser", "--json", "--quiet"},
      Start{{}, out_});
  while (!program_->ended() && read_text(out_).find('\n') == std::string::npos)
    std::this_thread::sleep_for(5ms);
  const auto outcome = end();
  const size_t line = outcome.out.find('\n') + 1;
  EXPECT_THAT(parse_json(outcome.out.substr(0, line), "out")["url"].get<std::string>(),
              StartsWith("http://127.0.0.1:"));
  const Json session = parse_json(outcome.out.substr(line), "out");
  EXPECT_EQ(session["images"], 900);
  EXPECT_EQ(session["answered"], 0);
}

TEST_F(ReviewCommandTest, WhereNothingIsToBeReviewedItSaysSo) {
  for (auto& entry : world_.entries) entry.sample.bucket = "accept";
  write_draft_folder(folder_ / "drafts", "classify", world_.categories, world_.entries);
  const auto outcome = run_in_process(folder_, {"review", "drafts", "--no-browser"});
  EXPECT_THAT(outcome, Exits(0));
  EXPECT_EQ(outcome.out, "session  nothing to review: no image is in bucket review\n");
}

TEST_F(ReviewCommandTest, WrongUsageIsRefused) {
  const auto refused = [&](std::vector<std::string> arguments, const std::string& sentence) {
    arguments.insert(arguments.begin(), {"review", "--no-browser"});
    const auto outcome = run_in_process(folder_, arguments);
    EXPECT_THAT(outcome, Exits(2));
    EXPECT_THAT(outcome.err, HasSubstr(sentence));
    EXPECT_EQ(outcome.out, "");
  };
  refused({}, "drafts is required");
  refused({"nowhere"}, "holds no drafts");
  refused({"."}, "holds no drafts");
  refused({"drafts", "--port", "70000"}, "--port");
  refused({"drafts", "--port", "-1"}, "--port");
  refused({"drafts", "--selection", "friday"}, "nothing was selected under the name 'friday'");
  refused({"drafts", "--selection", "../x"}, "expected a plain name");
  refused({"drafts", "--classes", "dog,a\nb"}, "--classes 'a\\x0Ab'");
  refused({"drafts", "--reviewer", "a\nb"}, "--reviewer");
  EXPECT_FALSE(fs::exists(folder_ / "drafts/review.jsonl"));
}

}  // namespace
}  // namespace preannotate
