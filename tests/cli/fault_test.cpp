// Disks that fail and fill up: what is there afterwards is the old or the new, never something
// else.

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "data/drafts.h"
#include "preannotate/core/json.h"
#include "preannotate/data/fit.h"
#include "preannotate/data/format.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

struct Fault {
  int code;    // errno; 0: a write of one byte
  bool stays;  // every later call fails too
};

constexpr Fault kFaults[] = {{ENOSPC, false}, {ENOSPC, true}, {EIO, false}, {EIO, true},
                             {EACCES, false}, {EACCES, true}, {0, false},   {0, true}};

/// What became of all calls made to fail.
struct Tally {
  int injected = 0, refused = 0, survived = 0;
};

class FaultTest : public testing::Test {
 protected:
  /// The program with its `at`-th writing call made to fail; false in `hit` when it has fewer.
  Outcome run(const std::vector<std::string>& arguments, int at, const Fault& fault, bool& hit) {
    const auto mark = folder_ / "hit";
    fs::remove(mark);
    Start start;
    start.environment = {{"LD_PRELOAD", PREANNOTATE_FAULTS},
                         {"ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0"},
                         {"FAULT_FOLDER", (folder_ / "work").string()},
                         {"FAULT_AT", std::to_string(at)},
                         {"FAULT_ERRNO", std::to_string(fault.code)},
                         {"FAULT_HIT", mark.string()}};
    if (fault.stays) start.environment.emplace_back("FAULT_STAYS", "1");
    const auto outcome = RunningProgram(folder_ / "work", arguments, start).wait();
    hit = fs::exists(mark);
    return outcome;
  }

  /// Fails each call in turn until a run has fewer. `prepare` sets the scene anew each time.
  template <class Prepare>
  void fail_each_call(const std::vector<std::string>& arguments, const std::string& output,
                      const std::map<std::string, std::string>& whole,
                      const std::map<std::string, std::string>& old, const Prepare& prepare) {
    for (const Fault& fault : kFaults) {
      bool hit = true;
      for (int at = 1; hit; ++at) {
        ASSERT_LT(at, 1000) << "calls never end";
        prepare();
        const auto outcome = run(arguments, at, fault, hit);
        if (!hit) break;
        ++tally_.injected;
        SCOPED_TRACE("call " + std::to_string(at) + ", errno " + std::to_string(fault.code) +
                     (fault.stays ? ", stays" : ""));
        judge(outcome, folder_ / "work" / output, whole, old);
      }
    }
  }

  void judge(const Outcome& outcome, const fs::path& output,
             const std::map<std::string, std::string>& whole,
             const std::map<std::string, std::string>& old) {
    const auto found =
        fs::exists(output) ? content_of(output) : std::map<std::string, std::string>();
    if (outcome.code == 0) {
      ++tally_.survived;
      EXPECT_EQ(found, whole) << "exit 0 and something is amiss";
      return;
    }
    ++tally_.refused;
    EXPECT_EQ(outcome.code, 7) << outcome.err;
    // The rename may have been done before what failed.
    EXPECT_TRUE(found == old || found == whole) << "neither the old nor the new";
    EXPECT_THAT(outcome.err, HasSubstr("cannot be"));
  }

  void TearDown() override {
    if (tally_.injected == 0) return;
    RecordProperty("faults", tally_.injected);
    std::cout << "[   INFO   ] " << tally_.injected << " faults: " << tally_.refused
              << " runs refused, " << tally_.survived << " went on unharmed\n";
  }

  fs::path folder_ = test_folder();
  Tally tally_;
};

/// Every writer of labels: each format, each call, each way to fail.
class WriterFaultTest : public FaultTest, public testing::WithParamInterface<const char*> {};

// Rows 55, 56.
TEST_P(WriterFaultTest, NoFailureLeavesHalfAnOutputOrExitsWithZero) {
  const DatasetFormat& format = format_named(GetParam());
  auto drafts = boxed_drafts();
  drafts.image_root = folder_ / "labels" / "images";
  for (const Sample& sample : drafts.samples)
    write_text(drafts.image_root / sample.image, "bytes of " + sample.image);
  format_named("coco").write(drafts, folder_ / "labels");
  const std::vector<std::string> arguments = {
      "convert", (folder_ / "labels").string(), "out", "--to-format", GetParam(), "-q"};
  fs::create_directories(folder_ / "work");
  ASSERT_THAT(run_program(folder_ / "work", arguments), Exits(0)) << format.name;
  const auto whole = content_of(folder_ / "work" / "out");
  fail_each_call(arguments, "out", whole, {}, [&] {
    fs::remove_all(folder_ / "work");
    fs::create_directories(folder_ / "work");
  });
  EXPECT_GT(tally_.refused, 0);
}

INSTANTIATE_TEST_SUITE_P(All, WriterFaultTest,
                         testing::Values("coco", "csv", "cvat", "datumaro", "folder",
                                         "label_studio", "open_images", "voc", "yolo",
                                         "yolo_classify"),
                         [](const auto& info) { return std::string(info.param); });

/// What predict writes over an older output, with one kind of fault at each call.
TEST_F(FaultTest, PredictLeavesTheOldOrTheNewDrafts) {
  const auto work = folder_ / "work";
  const auto arguments =
      predict_arguments(trained_world().world.unlabelled, "drafts", {"--force", "-q"});
  fs::create_directories(work);
  ASSERT_THAT(run_program(work, predict_arguments(trained_world().world.unlabelled, "drafts",
                                                  {"--conf", "0.2", "-q"})),
              Exits(0));
  fs::rename(work / "drafts", folder_ / "old");
  const auto without_times = [](std::map<std::string, std::string> files) {
    files.erase("summary.json");
    return files;
  };
  const auto old = without_times(content_of(folder_ / "old"));
  ASSERT_THAT(run_program(work, arguments), Exits(0));
  const auto whole = without_times(content_of(work / "drafts"));
  ASSERT_NE(old, whole);
  bool hit = true;
  for (int at = 1; hit; ++at) {
    fs::remove_all(work);
    fs::create_directories(work);
    fs::copy(folder_ / "old", work / "drafts", fs::copy_options::recursive);
    const auto outcome = run(arguments, at, {ENOSPC, false}, hit);
    if (!hit) break;
    ++tally_.injected;
    ++(outcome.code == 0 ? tally_.survived : tally_.refused);
    const auto found = without_times(content_of(work / "drafts"));
    EXPECT_TRUE(found == whole || (outcome.code != 0 && found == old))
        << "call " << at << ", exit " << outcome.code << ": " << outcome.err;
    if (outcome.code != 0) {
      EXPECT_EQ(outcome.code, 7) << "call " << at << ": " << outcome.err;
    }
  }
  EXPECT_GT(tally_.refused, 10);
}

/// A file system of a few KB for the output; needs to be root, as a build container is.
class SmallDisk {
 public:
  SmallDisk(fs::path folder, int kilobytes) : folder_(std::move(folder)) {
    fs::create_directories(folder_);
    const auto size = "size=" + std::to_string(kilobytes) + "k";
    mounted_ = mount("none", folder_.c_str(), "tmpfs", 0, size.c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  fs::path folder_;
  bool mounted_ = false;
};

TEST_F(FaultTest, Row55AFullDiskIsSaidAndLeavesNothingHalf) {
  int refused = 0;
  for (const int kilobytes : {4, 8, 16, 24, 32, 48, 64, 96, 1024}) {
    const SmallDisk disk(folder_ / "disk", kilobytes);
    if (!disk.mounted()) GTEST_SKIP() << "a tmpfs cannot be mounted here";
    const auto outcome = run_program(
        folder_, predict_arguments(trained_world().world.unlabelled, "disk/drafts", {"-q"}));
    if (outcome.code == 0) {
      EXPECT_TRUE(fs::exists(folder_ / "disk" / "drafts" / "summary.json")) << kilobytes;
      continue;
    }
    ++refused;
    EXPECT_THAT(outcome, Exits(7)) << kilobytes << " KB";
    EXPECT_THAT(outcome.err, HasSubstr("No space left on device"));
    EXPECT_FALSE(fs::exists(folder_ / "disk" / "drafts")) << kilobytes << " KB";
  }
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 9) << "not even with 1 MB";
}

TEST_F(FaultTest, Row53AReadOnlyFolderIsSaidBeforeAnyWork) {
  const SmallDisk disk(folder_ / "disk", 64);
  if (!disk.mounted()) GTEST_SKIP() << "a tmpfs cannot be mounted here";
  ASSERT_EQ(mount("none", (folder_ / "disk").c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  const auto outcome =
      run_program(folder_, predict_arguments(trained_world().world.unlabelled, "disk/drafts"));
  EXPECT_THAT(outcome, Exits(7));
  EXPECT_THAT(outcome.err, HasSubstr("Read-only file system"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("images: ")));
}

TEST_F(FaultTest, Row57ANameThatIsTooLongIsSaid) {
  const auto outcome = run_program(
      folder_, predict_arguments(trained_world().world.unlabelled, std::string(300, 'x')));
  EXPECT_THAT(outcome, Exits(7));
  EXPECT_THAT(outcome.err, HasSubstr("File name too long"));
}

TEST_F(FaultTest, Row61ANetworkFileSystemIsWarnedOf) {
  write_text(folder_ / "labels.csv", "path,label\na.jpg,cat\n");
  constexpr int kNfs = 0x6969;
  Start start;
  start.environment = {{"LD_PRELOAD", PREANNOTATE_FAULTS},
                       {"ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0"},
                       {"FAULT_FS_TYPE", std::to_string(kNfs)}};
  const auto outcome =
      RunningProgram(folder_, {"convert", "labels.csv", "out", "--to-format", "csv"}, start).wait();
  EXPECT_THAT(outcome, Exits(0));
  EXPECT_THAT(outcome.err, HasSubstr("is on a network file system"));
  const auto local = run_program(folder_, {"convert", "labels.csv", "out2", "--to-format", "csv"});
  EXPECT_THAT(local.err, Not(HasSubstr("network")));
}

// Row 99: whatever memory is missing, the program ends with a code of its own.
TEST_F(FaultTest, TooLittleMemoryIsNoCrash) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer itself needs terabytes of address space";
#endif
  int ended = 0;
  for (const int megabytes : {200, 400, 800, 1200, 1600, 2400, 3200}) {
    Start start;
    start.memory_limit = static_cast<std::uint64_t>(megabytes) << 20;
    const auto outcome =
        RunningProgram(folder_,
                       predict_arguments(trained_world().world.unlabelled, "drafts", {"--force"}),
                       start)
            .wait();
    EXPECT_THAT(outcome.code, testing::AnyOf(0, 6)) << megabytes << " MB: " << outcome.err;
    ended += outcome.code == 6;
    if (outcome.code == 6) {
      EXPECT_THAT(outcome.err, HasSubstr("memory")) << megabytes << " MB";
    }
  }
  EXPECT_GT(ended, 0);
}

}  // namespace
}  // namespace preannotate
