#include "preannotate/data/image_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "preannotate/core/error.h"
#include "preannotate/core/random.h"
#include "preannotate/core/text.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;
using testing_support::test_folder;
using testing_support::write_text;

class ImageList : public testing::Test {
 protected:
  void SetUp() override { testing::internal::CaptureStderr(); }
  void TearDown() override { testing::internal::GetCapturedStderr(); }

  std::vector<std::string> keys(std::vector<fs::path> paths, std::string list = "",
                                fs::path excluded = {}) {
    std::istringstream stream(list);
    problems_ = Problems();
    files_ = list_images({std::move(paths), &stream, std::move(excluded)}, problems_);
    std::vector<std::string> keys;
    for (const auto& file : files_) keys.push_back(file.image);
    EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
    return keys;
  }

  std::map<std::string, std::string> reasons() const {
    std::map<std::string, std::string> reasons;
    for (const auto& problem : problems_.all()) reasons[problem.input] = problem.reason;
    return reasons;
  }

  ExitCode code_of(std::vector<fs::path> paths) {
    try {
      keys(std::move(paths));
    } catch (const UserError& error) {
      message_ = error.what();
      return error.exit_code();
    }
    return kDone;
  }

  void touch(const fs::path& below) { write_text(root_ / below, "x"); }

  fs::path root_ = test_folder();
  Problems problems_;
  std::vector<ImageFile> files_;
  std::string message_;
};

// Row 26.
TEST_F(ImageList, KnowsImagesByExtensionInAnyCase) {
  for (const char* name :
       {"a.jpg", "a.JPEG", "a.jpe", "a.Png", "a.webp", "a.bmp", "a.tif", "a.TIFF", "x.y.jpg"}) {
    EXPECT_TRUE(has_image_extension(name)) << name;
  }
  for (const char* name : {"a", "jpg", ".jpg", "a.gif", "a.jpg.txt", "a.", "dir.jpg/a"}) {
    EXPECT_FALSE(has_image_extension(name)) << name;
  }
}

TEST_F(ImageList, FindsImagesRecursivelyUnderTheirPathBelowTheFolder) {
  for (const char* name : {"b.jpg", "a/same.png", "b/same.png", "notes.txt", "a.jpg/c.JPG",
                           ".hidden/d.jpg", "._e.jpg"})
    touch(name);
  EXPECT_THAT(keys({root_}), ElementsAre("a.jpg/c.JPG", "a/same.png", "b.jpg", "b/same.png"));
  EXPECT_EQ(files_[1].path, root_ / "a" / "same.png");
  EXPECT_TRUE(problems_.empty());
  EXPECT_THAT(keys({root_ / ""}), testing::SizeIs(4));
}

// Row 36.
TEST_F(ImageList, OddNamesKeepTheirBytes) {
  touch("-dash.jpg");
  touch("a\nb.jpg");
  touch("c\xff%.jpg");
  touch("\u00e9 '\".jpg");
  EXPECT_THAT(keys({root_}), ElementsAre("-dash.jpg", "a\nb.jpg", "c%FF%25.jpg", "\u00e9 '\".jpg"));
  for (const auto& file : files_) EXPECT_TRUE(fs::exists(file.path));
}

// Row 26.
TEST_F(ImageList, NamedFilesCountWhateverTheyAreCalled) {
  touch("photo");
  touch("sub/b.jpg");
  EXPECT_THAT(keys({root_ / "photo", root_ / "sub" / "b.jpg"}), ElementsAre("b.jpg", "photo"));
}

TEST_F(ImageList, CollidingKeysBecomeThePathAsGivenBelowAnyFolder) {
  touch("one/a.jpg");
  touch("two/a.jpg");
  touch("two/b.jpg");
  const auto prefix = root_.relative_path().generic_string();
  EXPECT_THAT(keys({root_ / "one", root_ / "two"}),
              ElementsAre(prefix + "/one/a.jpg", prefix + "/two/a.jpg", prefix + "/two/b.jpg"));
  EXPECT_THAT(keys({root_ / "one", root_ / "two" / "b.jpg"}), ElementsAre("a.jpg", "b.jpg"));
  const auto before = fs::current_path();
  fs::current_path(root_ / "one");
  EXPECT_THAT(keys({".", "../two"}),
              ElementsAre("a.jpg", prefix + "/two/a.jpg", prefix + "/two/b.jpg"));
  fs::current_path(before);
}

TEST_F(ImageList, EachFileIsListedOnce) {
  touch("sub/a.jpg");
  EXPECT_THAT(keys({root_, root_ / "sub", root_ / "sub" / "a.jpg", root_ / "sub" / ".." / "sub"}),
              ElementsAre("sub/a.jpg"));
}

// Rows 44, 46.
TEST_F(ImageList, LinksAreFollowedInsideAndLoopsVisitedOnce) {
  touch("z/a.jpg");
  fs::create_symlink("a.jpg", root_ / "z" / "link.jpg");
  fs::create_directory_symlink("z", root_ / "again");  // sorts before z
  fs::create_directory_symlink("..", root_ / "z" / "up");
  fs::create_directory_symlink(".", root_ / "self");
  EXPECT_THAT(keys({root_}), ElementsAre("z/a.jpg", "z/link.jpg"));
  EXPECT_TRUE(problems_.empty());
}

// Rows 45, 47, 48.
TEST_F(ImageList, WhatCannotBeUsedIsAProblemWithItsReason) {
  touch("in/a.jpg");
  touch("out/b.jpg");
  const auto in = root_ / "in";
  fs::create_symlink("nowhere.jpg", in / "broken.jpg");
  fs::create_symlink("loop.jpg", in / "loop.jpg");
  fs::create_symlink(root_ / "out" / "b.jpg", in / "outside.jpg");
  fs::create_directory_symlink(root_ / "out", in / "outside");
  fs::create_symlink(root_ / "in" / "a.jpg", in / "absolute.jpg");
  ASSERT_EQ(mkfifo((in / "fifo.jpg").c_str(), 0600), 0);
  ASSERT_EQ(mkfifo((in / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(keys({in}), ElementsAre("a.jpg", "absolute.jpg"));
  EXPECT_THAT(reasons(), UnorderedElementsAre(
                             Pair("broken.jpg", "vanished"), Pair("loop.jpg", "vanished"),
                             Pair("outside.jpg", "outside_root"), Pair("outside", "outside_root"),
                             Pair("fifo.jpg", "not_regular")));
}

// Row 49.
TEST_F(ImageList, AnUnreadableFolderIsAProblem) {
  if (geteuid() == 0) GTEST_SKIP() << "root reads everything";
  touch("a.jpg");
  touch("locked/b.jpg");
  fs::permissions(root_ / "locked", fs::perms::none);
  EXPECT_THAT(keys({root_}), ElementsAre("a.jpg"));
  EXPECT_THAT(reasons(), UnorderedElementsAre(Pair("locked", "permission")));
  fs::permissions(root_ / "locked", fs::perms::owner_all);
}

// Row 52.
TEST_F(ImageList, TheOutputFolderIsNotScanned) {
  touch("a.jpg");
  touch("out/folder/cat/a.jpg");
  EXPECT_THAT(keys({root_}, "", root_ / "sub" / ".." / "out"), ElementsAre("a.jpg"));
  EXPECT_THAT(keys({root_}, "", root_ / "not-yet-there"),
              ElementsAre("a.jpg", "out/folder/cat/a.jpg"));
}

TEST_F(ImageList, AListHasOnePathALineOrIsSeparatedByNuls) {
  touch("a b.jpg");
  touch("c\nd");
  const auto a = (root_ / "a b.jpg").string(), c = (root_ / "c\nd").string();
  EXPECT_THAT(keys({"-"}, a + "\r\n\n" + a + "\n"), ElementsAre("a b.jpg"));
  EXPECT_THAT(keys({"-"}, a + '\0' + c + '\0'), ElementsAre("a b.jpg", "c\nd"));
  EXPECT_THAT(keys({"-"}, root_.string()), ElementsAre("a b.jpg"));
}

TEST_F(ImageList, AMissingFileOfTheListCostsTheOthersNothing) {
  touch("a.jpg");
  EXPECT_THAT(keys({"-"}, (root_ / "a.jpg").string() + "\n" + (root_ / "gone.jpg").string() + "\n"),
              ElementsAre("a.jpg"));
  EXPECT_THAT(reasons(), UnorderedElementsAre(Pair("gone.jpg", "vanished")));
}

// Rows 50, 51.
TEST_F(ImageList, AMissingSourceIsAUsageErrorAndNoImagesAreBadInput) {
  touch("notes.txt");
  EXPECT_EQ(code_of({root_ / "none"}), kUsageError);
  EXPECT_THAT(message_, HasSubstr("none does not exist"));
  EXPECT_EQ(code_of({root_}), kBadInput);
  EXPECT_THAT(message_,
              HasSubstr("no images under " + root_.string() + " (looked for .jpg, .jpeg"));
  EXPECT_EQ(code_of({"-"}), kBadInput);
  EXPECT_THROW(list_images({{"-"}, nullptr, {}}, problems_), UserError);
}

/// Builds a random tree and remembers what is to be found in it.
class RandomTree {
 public:
  RandomTree(const fs::path& root, std::uint64_t seed) : random_(seed), root_(root) {
    fs::create_directories(root);
    folders_.push_back({});
    for (auto steps = 5 + random_.below(25); steps > 0; --steps) grow();
  }
  std::set<std::string> kept, left_out;  // keys

 private:
  void grow() {
    const fs::path name = folders_[random_.below(folders_.size())] / next_name();
    const fs::path image = fs::path(name).concat(".jpg");
    switch (random_.below(8)) {
      case 0:
        fs::create_directories(root_ / name);
        return folders_.push_back(name);
      case 1:
        return write_text(root_ / name, "no image");
      case 2:
        fs::create_symlink("missing", root_ / image);
        left_out.insert(utf8_path(image));
        return;
      case 3:
        ASSERT_EQ(mkfifo((root_ / image).c_str(), 0600), 0);
        left_out.insert(utf8_path(image));
        return;
      case 4:
        return fs::create_directory_symlink(
            fs::absolute(root_ / folders_[random_.below(folders_.size())]), root_ / name);
      default:
        write_text(root_ / image, "image");
        kept.insert(utf8_path(image));
    }
  }

  std::string next_name() {
    static const std::string kParts[] = {"a", "-", " ", "\n", "\xff", "%", "\u00e9", "'"};
    return std::to_string(count_++) + kParts[random_.below(std::size(kParts))];
  }

  Random random_;
  fs::path root_;
  std::vector<fs::path> folders_;
  int count_ = 0;
};

TEST_F(ImageList, InRandomTreesFoundIsKeptPlusLeftOut) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto root = root_ / std::to_string(seed);
    const RandomTree tree(root, seed);
    if (tree.kept.empty() && tree.left_out.empty()) {
      EXPECT_EQ(code_of({root}), kBadInput);
      continue;
    }
    const auto found = keys({root});
    EXPECT_EQ(std::set<std::string>(found.begin(), found.end()), tree.kept) << seed;
    EXPECT_EQ(found.size(), tree.kept.size()) << seed;
    std::set<std::string> left_out;
    for (const auto& problem : problems_.all()) left_out.insert(problem.input);
    EXPECT_EQ(left_out, tree.left_out) << seed;
    EXPECT_EQ(problems_.all().size(), tree.left_out.size()) << seed;
  }
}

}  // namespace
}  // namespace preannotate
