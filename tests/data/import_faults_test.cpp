#include "data/import_faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace preannotate {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string what_of(ImportFaults faults) {
  std::vector<Problem> problems;
  try {
    faults.finish(problems);
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kBadInput);
    return error.what();
  }
  return "no error";
}

TEST(ImportFaults, NoneIsNoError) {
  EXPECT_EQ(what_of(ImportFaults("a.json")), "no error");
}

TEST(ImportFaults, OneKeepsItsPlaceAndWords) {
  ImportFaults faults("a.json");
  EXPECT_FALSE(faults.collect(
      "images[1]", [] { throw UserError(kBadInput, "images[1]: field 'id' is missing"); }));
  EXPECT_EQ(what_of(faults), "a.json: images[1]: field 'id' is missing");
}

TEST(ImportFaults, EqualOnesButForNumbersAreOneGroup) {
  ImportFaults faults("a.json");
  faults.add("annotations[3]", "category_id 7 is unknown");
  faults.add("images[0]", "file_name is missing");
  faults.add("annotations[12]", "annotations[12]: category_id 45 is unknown");
  EXPECT_EQ(what_of(faults),
            "a.json: 3 faults: annotations[3]: category_id 7 is unknown (also annotations[12]); "
            "images[0]: file_name is missing");
}

TEST(ImportFaults, TheLineInAFileIsThePlace) {
  ImportFaults faults("voc");
  faults.add("a.xml", "a.xml:7: 'xmin' is missing");
  faults.add("b.xml", "b.xml:12: 'xmin' is missing");
  EXPECT_EQ(what_of(faults), "voc: 2 faults: a.xml:7: 'xmin' is missing (also b.xml:12)");
}

TEST(ImportFaults, AHundredEndTheReading) {
  ImportFaults faults("a.json");
  for (int i = 0; i < 99; ++i) faults.add("images[" + std::to_string(i) + "]", "broken");
  EXPECT_THROW(faults.add("images[99]", "broken"), UserError);
  EXPECT_THAT(what_of(faults), AllOf(HasSubstr("at least 100 faults"), HasSubstr("and 94 more")));
}

TEST(ImportFaults, TheErrorHoldsEach) {
  ImportFaults faults("a.json");
  faults.add("images[0]", "broken");
  faults.add("images[7]", "broken");
  std::vector<Problem> problems;
  try {
    faults.finish(problems);
    FAIL() << "no error";
  } catch (const ImportError& error) {
    ASSERT_EQ(error.faults().size(), 2u);
    EXPECT_EQ(error.faults()[1].place, "images[7]");
    EXPECT_EQ(error.faults()[1].message, "broken");
  }
}

TEST(ImportFaults, OfARepairAreProblems) {
  ImportFaults faults("a.json", {.repair = true});
  for (int i = 0; i < 150; ++i) faults.add("images[" + std::to_string(i) + "]", "broken");
  std::vector<Problem> problems;
  faults.finish(problems);
  ASSERT_EQ(problems.size(), 150u);
  EXPECT_EQ(problems[3].reason, "faulty");
  EXPECT_EQ(problems[3].detail, "images[3]: broken");
}

TEST(ImportFaults, NotesOfAKindAreOneProblemWithTheirCount) {
  ImportNotes notes;
  std::vector<Problem> problems;
  for (int i = 0; i < 1200; ++i)
    notes.add("number_as_text", "annotations[" + std::to_string(i) + "]", "field 'score' is text");
  notes.add("duplicate_id", "annotations[4]", "the id is there twice");
  notes.move_to(problems, "a.json");
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].reason, "duplicate_id");
  EXPECT_EQ(problems[0].detail, "at annotations[4]: the id is there twice");
  EXPECT_EQ(problems[1].input, "a.json");
  EXPECT_EQ(problems[1].detail, "1,200 times, first at annotations[0]: field 'score' is text");
}

}  // namespace
}  // namespace preannotate
