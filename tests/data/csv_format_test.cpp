#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/csv_rows.h"
#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/core/random.h"
#include "preannotate/data/format.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace testing_support;

class Csv : public testing::Test {
 protected:
  Dataset read(std::string_view text) {
    write_text(file_, text);
    return format_named("csv").read(file_);
  }

  std::string error(std::string_view text) {
    try {
      read(text);
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kBadInput);
      const std::string what = error.what();
      EXPECT_TRUE(what.starts_with(file_.string())) << what;
      return what.substr(file_.string().size());
    }
    return "no error";
  }

  /// "image=label+label" of each sample.
  std::vector<std::string> rows(std::string_view text) {
    const auto dataset = read(text);
    std::vector<std::string> rows;
    for (const Sample& sample : dataset.samples) {
      std::string row = sample.image + "=";
      for (const Label& label : sample.labels) {
        row += (row.back() == '=' ? "" : "+") +
               dataset.categories.at(static_cast<size_t>(label.category));
      }
      rows.push_back(row);
    }
    return rows;
  }

  fs::path file_ = test_folder() / "seed.csv";
};

TEST_F(Csv, PathsAreRelativeToItsFolderAndCategoriesSorted) {
  const auto dataset = read("path,label\nz.jpg,dog\nsub/a.jpg,cat\n");
  EXPECT_EQ(dataset.image_root, file_.parent_path());
  EXPECT_THAT(dataset.categories, ElementsAre("cat", "dog"));
  ASSERT_EQ(dataset.samples.size(), 2u);
  EXPECT_EQ(dataset.samples[0].image, "sub/a.jpg");
  EXPECT_EQ(dataset.samples[0].labels, (std::vector<Label>{{0, {}, {}, {}}}));
  EXPECT_EQ(image_file(dataset, dataset.samples[0]), file_.parent_path() / "sub/a.jpg");
}

TEST_F(Csv, TheHeaderIsOptionalAndKnownByItsNames) {
  EXPECT_THAT(rows("a.jpg,cat\nb.jpg,dog"), ElementsAre("a.jpg=cat", "b.jpg=dog"));
  EXPECT_THAT(rows("File_Name, Class\na.jpg,cat\n"), ElementsAre("a.jpg=cat"));
  EXPECT_THAT(rows("split,labels,image,note\ntrain,cat,a.jpg,\"x,y\"\n"), ElementsAre("a.jpg=cat"));
}

TEST_F(Csv, AnUnknownHeaderIsNotTakenForAnImage) {
  EXPECT_THAT(error("img,lbl\na.jpg,cat\n"), HasSubstr(":1: 'img...' is neither a header"));
  EXPECT_THAT(error("a.jpg,cat,extra\n"), HasSubstr(":1: "));
  EXPECT_THAT(error("path,image,label\n"), HasSubstr("keep one"));
}

// Rows 62, 64.
TEST_F(Csv, ByteOrderMarkAndEveryLineEndAreAccepted) {
  EXPECT_THAT(rows("\xEF\xBB\xBFpath,label\r\na.jpg,cat\r\n\r\nb.jpg,dog\r\n"),
              ElementsAre("a.jpg=cat", "b.jpg=dog"));
  EXPECT_THAT(rows("path,label\ra.jpg,cat\r"), ElementsAre("a.jpg=cat"));
}

TEST_F(Csv, AQuotedCommaQuoteOrLineEndStaysInsideTheField) {
  EXPECT_THAT(rows("\"a, b.jpg\",\"the \"\"best\"\"\"\n\"c\nd.jpg\",cat\n"),
              ElementsAre("a, b.jpg=the \"best\"", "c\nd.jpg=cat"));
}

TEST_F(Csv, LinesAreCountedThroughQuotedFields) {
  EXPECT_THAT(error("\"c\nd.jpg\",cat\ne.jpg\n"), HasSubstr(":3: 1 column, expected 2"));
}

TEST_F(Csv, SeveralLabelsAreSeparatedBySemicolonsAndNoneMeansEmpty) {
  EXPECT_THAT(rows("a.jpg,cat; dog\nb.jpg,\nc.jpg,dog\n"),
              ElementsAre("a.jpg=cat+dog", "b.jpg=", "c.jpg=dog"));
  EXPECT_THAT(error("a.jpg,cat;;dog\n"), HasSubstr(":1: a category name is empty"));
  EXPECT_THAT(error("a.jpg,cat;cat\n"), HasSubstr(":1: label 'cat' is there twice"));
}

TEST_F(Csv, ADuplicateImageIsAnErrorThatNamesBothLines) {
  EXPECT_THAT(error("a.jpg,cat\nb.jpg,cat\n./a.jpg,dog\n"),
              HasSubstr(":3: 'a.jpg' is already in line 1, with another"));
  EXPECT_THAT(error("a.jpg,cat\na.jpg,cat\n"),
              HasSubstr(":2: 'a.jpg' is already in line 1, with the same"));
}

// Row 91.
TEST_F(Csv, PathsThatLeadOutAreUnsafe) {
  for (const char* path :
       {"../a.jpg", "sub/../../a.jpg", "/etc/a.jpg", "C:\\a.jpg", "c:/a.jpg", "file:///a.jpg",
        "https://x.org/a.jpg", "..\\a.jpg", "\\\\host\\a.jpg", "s3://b/a.jpg"}) {
    EXPECT_THAT(error("path,label\n" + std::string(path) + ",cat\n"),
                AllOf(HasSubstr(":2: unsafe_path"), HasSubstr(path)))
        << path;
  }
  EXPECT_THAT(rows("a:b.jpg,cat\n..a/b...jpg,cat\n"),
              ElementsAre("..a/b...jpg=cat", "a:b.jpg=cat"));
}

// Rows 63, 71.
TEST_F(Csv, WhatIsNotUtf8OrNotACsvIsAUserErrorWithItsLine) {
  EXPECT_THAT(error(""), HasSubstr("empty"));
  EXPECT_THAT(error("\n\n"), HasSubstr("empty"));
  EXPECT_THAT(error(std::string("\xFF\xFEp\0", 4)), HasSubstr("UTF-16"));
  EXPECT_THAT(error("a.jpg,cat\nb\xff.jpg,cat\n"), HasSubstr(":2: not UTF-8"));
  EXPECT_THAT(error("a.jpg,cat\n\"b.jpg,cat\nc.jpg,cat\n"),
              HasSubstr(":2: a quoted field is not closed"));
  EXPECT_THAT(error("a.jpg,\"cat\" \n"), HasSubstr(":1: text after a closing quote"));
  EXPECT_THAT(error("a.jpg,5\" disk\n"), HasSubstr(":1: a quote inside"));
  EXPECT_THAT(error("a.jpg,cat\n,cat\n"), HasSubstr(":2: the image path is empty"));
  EXPECT_THAT(error("a.jpg,cat\nsub/,cat\n"), HasSubstr(":2: 'sub/' names a folder"));
  EXPECT_THAT(error("a.jpg," + std::string(300, 'x') + "\n"), HasSubstr(":1: category 'xxx"));
  EXPECT_THAT(error("a.jpg,\"a\nb\"\n"), HasSubstr("control characters"));
}

TEST_F(Csv, OwnColumnsAreReadAndAnotherFilesColumnsAreNot) {
  const auto dataset =
      read("path,label,score,bucket,id\na.jpg,cat;dog,0.5;1,accept,x;y\nb.jpg,,,empty,\n");
  EXPECT_EQ(dataset.samples[0].labels, (std::vector<Label>{{0, 0.5, {}, "x"}, {1, 1.0, {}, "y"}}));
  EXPECT_EQ(dataset.samples[0].bucket, "accept");
  EXPECT_EQ(dataset.samples[1].bucket, "empty");
  EXPECT_FALSE(read("path,label,score\na.jpg,cat,high\n").samples[0].labels[0].score);
  EXPECT_THAT(error("path,label,score,bucket,id\na.jpg,cat,0.5;1,,\n"),
              HasSubstr(":2: 1 labels and 2 in column score"));
  const std::pair<const char*, const char*> wrong[] = {
      {"\"0,5\"", ":2: a score is '0,5', expected a number with a point, no decimal comma"},
      {"nan", ":2: a score is 'nan', expected a number"},
      {"x", ":2: a score is 'x', expected a number"},
      {"2", ":2: a score is 2, expected 0 to 1"},
      {"-0.1", ":2: a score is -0.1, expected 0 to 1"}};
  for (const auto& [score, message] : wrong) {
    EXPECT_THAT(error("path,label,score,bucket,id\na.jpg,cat," + std::string(score) + ",,\n"),
                HasSubstr(message));
  }
}

TEST_F(Csv, ALabelWithoutScoreOrIdBesideOneThatHasThemReadsBack) {
  Dataset dataset;
  dataset.categories = {"cat", "dog"};
  dataset.samples = {{"a.jpg", 0, 0, {{0, {}, {}, {}}, {1, 0.5, {}, "x"}}, "", 0}};
  format_named("csv").write(dataset, file_.parent_path());
  const auto after = format_named("csv").read(file_.parent_path() / "labels.csv");
  EXPECT_EQ(after.samples, dataset.samples);
}

TEST_F(Csv, AFolderNeedsOneFileOrLabelsCsv) {
  const auto folder = file_.parent_path();
  const auto& csv = format_named("csv");
  write_text(folder / "a.csv", "a.jpg,cat\n");
  EXPECT_EQ(csv.read(folder).samples[0].image, "a.jpg");
  write_text(folder / "b.csv", "b.jpg,cat\n");
  EXPECT_TRUE(csv.recognises(folder));
  EXPECT_THROW(csv.read(folder), UserError);
  write_text(folder / "labels.csv", "c.jpg,cat\n");
  EXPECT_EQ(csv.read(folder).samples[0].image, "c.jpg");
}

TEST_F(Csv, WritesOneLineForEachImage) {
  Dataset dataset;
  dataset.categories = {"cat", "a,b"};
  dataset.samples = {draft("a \"b\".jpg", {{0, 0.93}, {1, 1.0 / 3}}), draft("empty.jpg", {})};
  format_named("csv").write(dataset, file_.parent_path());
  EXPECT_EQ(read_text(file_.parent_path() / "labels.csv"),
            "path,label,score,bucket,id\n"
            "\"a \"\"b\"\".jpg\",\"cat;a,b\",0.93;0.333333,review,d3f9a1c2e7b0;d3f9a1c2e7b1\n"
            "empty.jpg,,,empty,\n");
}

TEST_F(Csv, ACategoryThatHoldsTheSeparatorCannotBeWritten) {
  Dataset dataset;
  dataset.categories = {"cat;dog"};
  try {
    format_named("csv").write(dataset, file_.parent_path());
    FAIL() << "was written";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'cat;dog'"));
  }
  EXPECT_FALSE(fs::exists(file_.parent_path() / "labels.csv"));
}

TEST(CsvRows, EveryFieldComesBack) {
  Random random(5);
  const std::string parts[] = {"a", ",", "\"", "\n", "\r", " ", ";", "\u00e9"};
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> fields(2 + random.below(3));
    std::string text;
    for (auto& field : fields) {
      for (auto k = random.below(6); k > 0; --k) field += parts[random.below(std::size(parts))];
      text += (&field == &fields[0] ? "" : ",") + csv_field(field);
    }
    const auto rows = parse_csv(text + "\r\nnext,row", "f.csv");
    ASSERT_EQ(rows.size(), 2u) << text;
    ASSERT_EQ(rows[0].fields, fields) << text;
  }
}

TEST(CsvRows, RandomBytesGiveRowsOrAUserError) {
  Random random(6);
  const std::string bytes("a,\"\n\r;\xff\xc3\0 ", 11);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (auto k = random.below(12); k > 0; --k) text += bytes[random.below(bytes.size())];
    try {
      for (const auto& row : parse_csv(text, "f.csv")) ASSERT_FALSE(row.fields.empty());
    } catch (const UserError& error) {
      ASSERT_EQ(error.exit_code(), kBadInput);
    }
  }
}

}  // namespace
}  // namespace preannotate
