#include "preannotate/data/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using namespace testing_support;

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto name = entry.path().lexically_relative(folder).string();
    files[name] = entry.is_regular_file() ? read_text(entry.path()) : "";
  }
  return files;
}

/// What the contract promises of every format there is.
class FormatTest : public testing::TestWithParam<const DatasetFormat*> {
 protected:
  void SetUp() override {
    root_ = test_folder();
    out_ = root_ / "out";
    fs::create_directories(out_);
    dataset_ = unusual_drafts(root_ / "images");
  }
  const DatasetFormat& format_ = *GetParam();
  fs::path root_, out_;
  Dataset dataset_;
};

/// And of every one that can be read.
class ReadableFormatTest : public FormatTest {};

/// And of every one that can be read and holds boxes.
class BoxFormatTest : public FormatTest {};

std::vector<const DatasetFormat*> all_formats(bool readable_only) {
  std::vector<const DatasetFormat*> formats;
  for (const auto* format : dataset_formats()) {
    if (format->read || !readable_only) formats.push_back(format);
  }
  return formats;
}

std::vector<const DatasetFormat*> box_formats() {
  auto formats = all_formats(true);
  std::erase_if(formats, [](const auto* format) { return !format->boxes; });
  return formats;
}

TEST_P(FormatTest, IsFoundByItsName) {
  EXPECT_EQ(&format_named(format_.name), &format_);
  EXPECT_FALSE(format_.summary.empty());
  EXPECT_EQ(format_.recognises == nullptr, format_.read == nullptr);
}

TEST_P(ReadableFormatTest, IsTheOnlyOneToRecogniseWhatItWrote) {
  format_.write(dataset_, out_);
  EXPECT_EQ(&format_of(out_), &format_);
}

TEST_P(ReadableFormatTest, ReadsBackWhatItWrote) {
  format_.write(dataset_, out_);
  const auto after = format_.read(out_);
  EXPECT_EQ(after.categories, dataset_.categories);
  ASSERT_EQ(after.samples.size(), dataset_.samples.size());
  EXPECT_TRUE(std::is_sorted(after.samples.begin(), after.samples.end(),
                             [](const auto& a, const auto& b) { return a.image < b.image; }));
  std::map<std::string, Sample> found;
  for (const Sample& sample : after.samples) found[sample.image] = sample;
  for (const Sample& before : dataset_.samples) {
    const auto& category = dataset_.categories[static_cast<size_t>(before.labels[0].category)];
    const bool in_class_folder = &format_ == &format_named("folder");
    const auto key = in_class_folder ? category + "/" + before.image : before.image;
    ASSERT_TRUE(found.contains(key)) << key;
    ASSERT_EQ(found[key].labels.size(), 1u);
    const Label& label = found[key].labels[0];
    EXPECT_EQ(label.category, before.labels[0].category);
    EXPECT_EQ(label.score, format_.scores ? before.labels[0].score : std::nullopt);
  }
}

TEST_P(ReadableFormatTest, CutFilesGiveAUserErrorNeverACrash) {
  format_.write(dataset_, out_);
  for (const auto& [name, text] : contents(out_)) {
    if (fs::is_directory(out_ / name)) continue;
    for (size_t length = 0; length < text.size(); ++length) {
      write_text(out_ / name, text.substr(0, length));
      try {
        format_.read(out_);
      } catch (const UserError&) {
      } catch (const std::exception& error) {
        ADD_FAILURE() << name << " cut at " << length << ": " << error.what();
      }
    }
    write_text(out_ / name, text);
  }
}

TEST_P(BoxFormatTest, ReadsBackEveryBoxScoreCrowdIdAndEmptyImage) {
  const auto before = boxed_drafts();
  format_.write(before, out_);
  const auto after = format_.read(out_);
  EXPECT_EQ(after.categories, before.categories);
  EXPECT_TRUE(after.problems.empty());
  ASSERT_EQ(after.samples.size(), before.samples.size());
  for (size_t i = 0; i < before.samples.size(); ++i) {
    EXPECT_EQ(after.samples[i].image, before.samples[i].image);
    EXPECT_EQ(after.samples[i].width, before.samples[i].width);
    EXPECT_EQ(after.samples[i].height, before.samples[i].height);
    auto labels = after.samples[i].labels;
    for (Label& label : labels) label.area = 0;  // files say the box's where none is known
    EXPECT_EQ(labels, before.samples[i].labels) << before.samples[i].image;
  }
}

TEST_P(BoxFormatTest, FindsTheImagesBesideIt) {
  const auto before = boxed_drafts();
  format_.write(before, out_);
  for (const Sample& sample : before.samples) write_text(out_ / "images" / sample.image, "pixels");
  const auto after = read_dataset(out_, "");
  EXPECT_EQ(after.image_root, out_ / "images");
  for (const Sample& sample : after.samples) EXPECT_TRUE(fs::exists(image_file(after, sample)));
}

TEST_P(BoxFormatTest, CutFilesGiveAUserErrorNeverACrash) {
  auto drafts = boxed_drafts();
  drafts.samples = {drafts.samples[0], drafts.samples[3]};
  format_.write(drafts, out_);
  for (const auto& [name, text] : contents(out_)) {
    if (fs::is_directory(out_ / name)) continue;
    for (size_t length = 0; length < text.size(); ++length) {
      write_text(out_ / name, text.substr(0, length));
      try {
        const auto read = format_.read(out_);
        for (const Sample& sample : read.samples) {
          for (const Label& label : sample.labels)
            EXPECT_LT(static_cast<size_t>(label.category), read.categories.size());
        }
      } catch (const UserError&) {
      } catch (const std::exception& error) {
        ADD_FAILURE() << name << " cut at " << length << ": " << error.what();
      }
    }
    write_text(out_ / name, text);
  }
}

TEST_P(FormatTest, NeverTouchesTheImages) {
  const auto before = contents(dataset_.image_root);
  format_.write(dataset_, out_);
  if (format_.read) format_.read(out_);
  EXPECT_EQ(contents(dataset_.image_root), before);
  for (const auto& entry : fs::recursive_directory_iterator(out_)) {
    EXPECT_FALSE(entry.is_symlink());
    if (!entry.is_directory()) {
      EXPECT_EQ(fs::hard_link_count(entry.path()), 1u);
    }
  }
}

TEST_P(FormatTest, SameDraftsGiveTheSameBytesAndNoOtherFiles) {
  format_.write(dataset_, out_);
  const auto first = contents(out_);
  EXPECT_FALSE(first.empty());
  for (const auto& [name, text] : first) EXPECT_THAT(name, Not(HasSubstr(".tmp")));
  format_.write(dataset_, out_);
  EXPECT_EQ(contents(out_), first);
}

TEST_P(FormatTest, EveryJsonFileIsStrictJson) {
  format_.write(dataset_, out_);
  for (const auto& [name, text] : contents(out_)) {
    if (!name.ends_with(".json")) continue;
    EXPECT_NO_THROW(parse_json(text, name)) << name;
  }
}

TEST_P(FormatTest, WritesAnEmptyDataset) {
  Dataset none;
  none.categories = {"cat"};
  EXPECT_NO_THROW(format_.write(none, out_));
}

TEST_P(FormatTest, AFolderItCannotWriteToIsAUserError) {
  write_text(root_ / "file", "");
  try {
    format_.write(dataset_, root_ / "file");
    FAIL() << "wrote below a file";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kCannotWrite) << error.what();
  }
}

const auto kNameOf = [](const auto& info) { return std::string(info.param->name); };
INSTANTIATE_TEST_SUITE_P(All, FormatTest, testing::ValuesIn(all_formats(false)), kNameOf);
INSTANTIATE_TEST_SUITE_P(All, ReadableFormatTest, testing::ValuesIn(all_formats(true)), kNameOf);
INSTANTIATE_TEST_SUITE_P(All, BoxFormatTest, testing::ValuesIn(box_formats()), kNameOf);

std::string error_of(const fs::path& path, std::string_view format, ExitCode code) {
  try {
    read_dataset(path, format);
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), code);
    return error.what();
  }
  return "no error";
}

TEST(FormatsTest, AnUnknownNameGetsTheNearestAndAllNames) {
  EXPECT_THAT(error_of(test_folder(), "ccoo", kUsageError),
              AllOf(HasSubstr("unknown format 'ccoo'; did you mean 'coco'?"),
                    HasSubstr("folder, csv, coco, voc, label_studio")));
}

TEST(FormatsTest, AMissingPathIsAUsageError) {
  EXPECT_THAT(error_of(test_folder() / "none", "", kUsageError), HasSubstr("does not exist"));
}

TEST(FormatsTest, AFormatThatIsOnlyWrittenSaysSo) {
  EXPECT_THAT(error_of(test_folder(), "label_studio", kUsageError),
              HasSubstr("can only be written"));
}

TEST(FormatsTest, AnUnrecognisedFolderIsAUserErrorThatSaysWhatIsExpected) {
  const auto root = test_folder();
  EXPECT_THAT(error_of(root, "", kBadInput), HasSubstr("none of the formats"));
  write_text(root / "a.jpg", "");
  EXPECT_THAT(error_of(root, "", kBadInput), HasSubstr("in no class folders"));
}

TEST(FormatsTest, ImagesWithoutAnyLabelAreRefused) {
  const auto root = test_folder();
  write_text(root / "labels.csv", "path,label\na.jpg,\n");
  EXPECT_THAT(error_of(root, "", kBadInput), HasSubstr("no image has a label"));
}

TEST(FormatsTest, AFolderWithImagesAndACsvIsACsv) {
  const auto root = test_folder();
  write_text(root / "images" / "a.jpg", "");
  write_text(root / "labels.csv", "path,label\nimages/a.jpg,cat\n");
  EXPECT_EQ(read_dataset(root, "").samples.at(0).image, "images/a.jpg");
}

}  // namespace
}  // namespace preannotate
