#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/data/format.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace testing_support;

class FolderFormat : public testing::Test {
 protected:
  Dataset read() const { return format_.read(root_); }

  std::string error() const {
    try {
      read();
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kBadInput);
      return error.what();
    }
    return "no error";
  }

  static std::vector<std::string> images(const Dataset& dataset) {
    std::vector<std::string> images;
    for (const Sample& sample : dataset.samples) images.push_back(sample.image);
    return images;
  }

  const DatasetFormat& format_ = format_named("folder");
  fs::path root_ = test_folder();
};

TEST_F(FolderFormat, ClassesAreTheFoldersSortedAndImagesAreFoundBelow) {
  write_text(root_ / "dog" / "b.JPG", "");
  write_text(root_ / "cat" / "deep" / "er" / "a.png", "");
  write_text(root_ / "cat" / "a.png", "");
  write_text(root_ / "cat" / "notes.txt", "");
  write_text(root_ / "README.md", "");
  EXPECT_TRUE(format_.recognises(root_));
  const auto dataset = read();
  EXPECT_THAT(dataset.categories, ElementsAre("cat", "dog"));
  EXPECT_THAT(images(dataset), ElementsAre("cat/a.png", "cat/deep/er/a.png", "dog/b.JPG"));
  EXPECT_EQ(dataset.samples[2].labels, (std::vector<Label>{{1, {}, {}, {}}}));
}

TEST_F(FolderFormat, HiddenEntriesAreIgnored) {
  write_text(root_ / "cat" / "a.png", "");
  write_text(root_ / "cat" / "._a.png", "");
  write_text(root_ / "cat" / ".thumbs" / "b.png", "");
  write_text(root_ / ".git" / "c.png", "");
  write_text(root_ / ".d.png", "");
  EXPECT_THAT(images(read()), ElementsAre("cat/a.png"));
}

TEST_F(FolderFormat, AnImageBesideTheClassFoldersIsNamed) {
  write_text(root_ / "cat" / "a.png", "");
  write_text(root_ / "stray.png", "");
  EXPECT_THAT(error(), HasSubstr("stray.png: is in no class folder"));
}

TEST_F(FolderFormat, AClassFolderWithoutImagesIsNamed) {
  write_text(root_ / "cat" / "a.png", "");
  fs::create_directories(root_ / "dog");
  EXPECT_THAT(error(), HasSubstr("dog: the class folder holds no image"));
}

TEST_F(FolderFormat, PartsThatHoldTheClassesAreWarnedOf) {
  for (const char* part : {"train", "val"}) {
    write_text(root_ / part / "cat" / "a.png", "");
    write_text(root_ / part / "dog" / "a.png", "");
  }
  testing::internal::CaptureStderr();
  read();
  EXPECT_THAT(
      testing::internal::GetCapturedStderr(),
      HasSubstr("are train, val, each with folders cat, dog; if those are the classes, use " +
                (root_ / "train").string()));
  write_text(root_ / "train" / "b.png", "");
  testing::internal::CaptureStderr();
  read();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(FolderFormat, AClassNameThatIsNotUtf8IsRefused) {
  write_text(root_ / "c\xff" / "a.png", "");
  EXPECT_THAT(error(), HasSubstr("category 'c\\xFF' is not UTF-8"));
}

TEST_F(FolderFormat, ALinkOutOfTheClassFolderIsRefusedAndABrokenOneIsLeftToTheLoader) {
  write_text(root_ / "cat" / "a.png", "");
  fs::create_symlink("nowhere.png", root_ / "cat" / "b.png");
  ASSERT_EQ(mkfifo((root_ / "cat" / "c.png").c_str(), 0600), 0);
  EXPECT_THAT(images(read()), ElementsAre("cat/a.png", "cat/b.png", "cat/c.png"));
  fs::create_symlink("/etc/hostname", root_ / "cat" / "d.png");
  EXPECT_THAT(error(), HasSubstr("cat/d.png: outside_root: is a link to /etc/hostname"));
}

TEST_F(FolderFormat, OtherFormatsMarkersMeanItIsNotOne) {
  write_text(root_ / "cat" / "a.png", "");
  EXPECT_TRUE(format_.recognises(root_));
  write_text(root_ / "data.yaml", "");
  EXPECT_FALSE(format_.recognises(root_));
  EXPECT_FALSE(format_.recognises(root_ / "cat" / "a.png"));
  EXPECT_FALSE(format_.recognises(root_ / "cat"));
}

TEST_F(FolderFormat, WritesACopyIntoEachClassAndNoneWithoutLabels) {
  Dataset dataset;
  dataset.image_root = root_ / "images";
  dataset.categories = {"cat", "dog"};
  dataset.samples = {draft("sub/a.jpg", {{0, 0.9}, {1, 0.8}}), draft("b.jpg", {})};
  for (const Sample& sample : dataset.samples)
    write_text(dataset.image_root / sample.image, sample.image);
  fs::create_directories(root_ / "out");
  format_.write(dataset, root_ / "out");
  EXPECT_EQ(read_text(root_ / "out" / "cat" / "sub" / "a.jpg"), "sub/a.jpg");
  EXPECT_EQ(read_text(root_ / "out" / "dog" / "sub" / "a.jpg"), "sub/a.jpg");
  EXPECT_THAT(images(format_.read(root_ / "out")), ElementsAre("cat/sub/a.jpg", "dog/sub/a.jpg"));
}

TEST_F(FolderFormat, CopiesAnImageThatIsElsewhereAndOneWhoseNameIsNotUtf8) {
  Dataset dataset;
  dataset.image_root = root_;
  dataset.categories = {"cat"};
  dataset.samples = {draft("a.jpg", {{0, 0.9}}), draft("b%FF.jpg", {{0, 0.9}})};
  write_text(root_ / "other" / "x.jpg", "elsewhere");
  write_text(root_ / "b\xff.jpg", "bytes");
  dataset.elsewhere["a.jpg"] = root_ / "other" / "x.jpg";
  fs::create_directories(root_ / "out");
  format_.write(dataset, root_ / "out");
  EXPECT_EQ(read_text(root_ / "out" / "cat" / "a.jpg"), "elsewhere");
  EXPECT_EQ(read_text(root_ / "out" / "cat" / "b\xff.jpg"), "bytes");
}

TEST_F(FolderFormat, NothingIsWrittenOutsideItsFolder) {
  Dataset dataset;
  dataset.image_root = root_ / "images";
  write_text(root_ / "images" / "a.jpg", "x");
  fs::create_directories(root_ / "deep" / "out");
  for (const char* category : {"..", ".", "", "a/b", "/tmp", ".hidden"}) {
    dataset.categories = {category};
    dataset.samples = {draft("a.jpg", {{0, 0.9}})};
    EXPECT_THROW(format_.write(dataset, root_ / "deep" / "out"), UserError) << category;
  }
  dataset.categories = {"cat"};
  dataset.samples = {draft("../images/a.jpg", {{0, 0.9}})};
  EXPECT_THROW(format_.write(dataset, root_ / "deep" / "out"), UserError);
  EXPECT_TRUE(fs::is_empty(root_ / "deep" / "out"));
}

TEST_F(FolderFormat, AnImageThatIsGoneIsAUserError) {
  Dataset dataset;
  dataset.image_root = root_;
  dataset.categories = {"cat"};
  dataset.samples = {draft("gone.jpg", {{0, 0.9}})};
  EXPECT_THROW(format_.write(dataset, root_), UserError);
}

}  // namespace
}  // namespace preannotate
