#include <gtest/gtest.h>

#include "cli/program.h"
#include "support/test_folder.h"
#include "support/tiny_backbone.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using namespace testing_support;

class ModelTest : public testing::Test {
 protected:
  void expect_refused(const std::vector<std::string>& arguments, int code,
                      const std::vector<std::string>& sentences) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const auto outcome = run_program(folder_, arguments);
    EXPECT_THAT(outcome, Exits(code));
    for (const auto& sentence : sentences) EXPECT_THAT(outcome.err, HasSubstr(sentence));
    EXPECT_EQ(outcome.out, "");
    EXPECT_FALSE(fs::exists(folder_ / "out"));
  }

  std::vector<std::string> predict_with(const std::string& run) {
    return {"predict", "--model", run, "--source", world_.unlabelled.string(), "--output", "out"};
  }

  std::vector<std::string> train_on(const std::string& backbone) {
    return {"train", "--data", world_.seed.string(), "--output", "out", "--backbone", backbone};
  }

  const World& world_ = trained_world().world;
  fs::path folder_ = test_folder();
};

TEST_F(ModelTest, RunsThatAreMissingOrDamagedAreRefused) {
  expect_refused(predict_with("nowhere"), 5, {"nowhere"});

  fs::create_directories(folder_ / "no run");
  expect_refused(predict_with("no run"), 5, {"no run"});
  expect_refused(predict_with(world_.seed.string()), 5, {"seed"});
  expect_refused(predict_with(world_.backbone.string()), 5, {"tiny.pt"});

  const auto damaged = [&](const std::string& name) {
    const auto run = folder_ / ("damaged " + name);
    fs::copy(trained_world().run, run);
    auto bytes = read_text(run / name);
    bytes[bytes.size() / 2] ^= 1;
    write_text(run / name, bytes);
    return run.filename().string();
  };
  expect_refused(predict_with(damaged("head.pt")), 5, {"head.pt"});
  expect_refused(predict_with(damaged("backbone.pt")), 5, {"backbone.pt"});
  const std::string run = "cut";
  fs::copy(trained_world().run, folder_ / run);
  fs::resize_file(folder_ / run / "run.json", 100);
  expect_refused(predict_with(run), 5, {"run.json"});
  write_text(folder_ / run / "run.json", "{\"format_version\": 99}");
  expect_refused(predict_with(run), 5, {"run.json"});
  fs::copy_file(trained_world().run / "run.json", folder_ / run / "run.json",
                fs::copy_options::overwrite_existing);
  fs::remove(folder_ / run / "head.pt");
  expect_refused(predict_with(run), 5, {"head.pt"});
}

TEST_F(ModelTest, ATorchScriptFileRunsOnlyWhenTrusted) {
  const auto witness = folder_ / "witness";
  TinyBackbone hostile;
  hostile.tuple = false;
  hostile.forward = "def forward(self, x):\n  torch.save(x, '" + witness.string() +
                    "')\n  return x.mean([2, 3])\n";
  write_tiny_backbone(folder_ / "hostile.pt", hostile);
  expect_refused(train_on("hostile.pt"), 5,
                 {"hostile.pt", "no manifest lists", "--trust-backbone"});
  EXPECT_FALSE(fs::exists(witness)) << "the file was run";
  auto trusting = train_on("hostile.pt");
  trusting.push_back("--trust-backbone");
  run_program(folder_, trusting);
  EXPECT_TRUE(fs::exists(witness)) << "this test would not notice a file that is run";
}

TEST_F(ModelTest, AHostileBackboneInARunIsRefusedByItsHash) {
  TinyBackbone hostile;
  hostile.forward = "def forward(self, x):\n  torch.save(x, '" + (folder_ / "witness").string() +
                    "')\n  return x.mean([2, 3])\n";
  fs::copy(trained_world().run, folder_ / "run");
  write_tiny_backbone(folder_ / "run" / "backbone.pt", hostile);
  expect_refused(predict_with("run"), 5, {"backbone.pt"});
  EXPECT_FALSE(fs::exists(folder_ / "witness"));
}

TEST_F(ModelTest, FilesThatAreNoBackboneAreRefused) {
  expect_refused(train_on("nowhere.pt"), 5, {"nowhere.pt", "does not exist"});
  write_text(folder_ / "text.pt", "no TorchScript");
  auto arguments = train_on("text.pt");
  arguments.push_back("--trust-backbone");
  expect_refused(arguments, 5, {"text.pt", "is no TorchScript file"});
  arguments = train_on(folder_.string());
  arguments.push_back("--trust-backbone");
  expect_refused(arguments, 5, {folder_.string()});
}

TEST_F(ModelTest, APrecisionThatThereIsNotIsAUsageError) {
  auto arguments = predict_with(trained_world().run.string());
  arguments.insert(arguments.end(), {"--precision", "bf17"});
  expect_refused(arguments, 2, {"bf17", "auto, fp32, bf16"});
}

TEST_F(ModelTest, ADeviceThatIsNotThereIsNamed) {
#ifndef PREANNOTATE_CUDA
  expect_refused(predict_arguments(world_.unlabelled, "out", {"--device", "cuda"}), 6, {"cuda"});
  expect_refused(train_arguments(world_, world_.seed, "out", {"--device", "cuda:1"}), 6, {"cuda"});
#endif
  expect_refused(predict_arguments(world_.unlabelled, "out", {"--device", "cpu:x"}), 2, {"cpu:x"});
}

}  // namespace
}  // namespace preannotate
