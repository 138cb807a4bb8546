#include "preannotate/data/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "data/drafts.h"
#include "preannotate/core/error.h"

namespace preannotate {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

const std::vector<std::string> kCategories = {"cat", "dog"};

LedgerEntry done_entry() {
  LedgerEntry entry;
  entry.sample = draft("sub/a.jpg", {{0, 0.93}});
  entry.sample.labels.push_back({1, 0.5, Box{10, 20, 40, 60}, "d3f9a1c2e7b1"});
  entry.sha256 = std::string(64, 'a');
  entry.orientation = 6;
  entry.status = "done";
  entry.scores = {0.93, 0.1 + 0.2};
  return entry;
}

std::string error_of(const std::string& line) {
  try {
    parse_ledger_line(line, kCategories, "drafts.jsonl:7");
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kBadInput);
    EXPECT_TRUE(std::string(error.what()).starts_with("drafts.jsonl:7")) << error.what();
    return error.what();
  }
  return "no error";
}

/// Without the checksum, which changes with every byte.
std::string unchecked(const std::string& line) {
  EXPECT_TRUE(fits_checksum(line));
  return line.substr(0, line.find(",\"crc32\"")) + "}";
}

TEST(Ledger, ALineIsWhatTheInterfaceSays) {
  EXPECT_EQ(
      unchecked(ledger_line(done_entry(), kCategories)),
      R"({"image":"sub/a.jpg","sha256":")" + std::string(64, 'a') +
          R"(","width":640,"height":480,"orientation":6,"status":"done","bucket":"review","uncertainty":0.25,)"
          R"("labels":[{"id":"d3f9a1c2e7b0","category":"cat","score":0.93},)"
          R"({"id":"d3f9a1c2e7b1","category":"dog","score":0.5,"bbox":[10.0,20.0,30.0,40.0]}],)"
          R"("scores":[0.93,0.3]})");
}

TEST(Ledger, ALineReadsBackAsItWas) {
  auto before = done_entry();
  before.scores = {0.93, 0.3};
  const auto after = parse_ledger_line(ledger_line(before, kCategories), kCategories, "x");
  EXPECT_EQ(after.sample, before.sample);
  EXPECT_EQ(after.sha256, before.sha256);
  EXPECT_EQ(after.orientation, 6);
  EXPECT_EQ(after.status, "done");
  EXPECT_EQ(after.scores, before.scores);
}

TEST(Ledger, StrangenessIsKeptWhereItWasMeasured) {
  auto before = done_entry();
  EXPECT_THAT(ledger_line(before, kCategories), Not(HasSubstr("strangeness")));
  EXPECT_FALSE(parse_ledger_line(ledger_line(before, kCategories), kCategories, "x").strangeness);
  before.strangeness = 0.9756097;
  before.distance = 1.25;
  const auto line = ledger_line(before, kCategories);
  EXPECT_THAT(line, HasSubstr(R"("uncertainty":0.25,"strangeness":0.97561,"distance":1.25,)"));
  const auto after = parse_ledger_line(line, kCategories, "x");
  EXPECT_EQ(after.strangeness, 0.97561);
  EXPECT_EQ(after.distance, 1.25);
  EXPECT_EQ(ledger_line(after, kCategories), line);
}

TEST(Ledger, StrangenessOutsideItsRangeIsAUserError) {
  auto entry = done_entry();
  for (const auto& [strangeness, distance, field] :
       {std::tuple{1.5, 1.0, "strangeness"}, {-0.1, 1.0, "strangeness"}, {0.5, -1.0, "distance"}}) {
    entry.strangeness = strangeness;
    entry.distance = distance;
    EXPECT_THAT(error_of(ledger_line(entry, kCategories)), HasSubstr(field));
  }
  const std::string without =
      R"({"image":"a.jpg","sha256":"","width":1,"height":1,"orientation":1,)"
      R"("status":"empty","bucket":"empty","uncertainty":0,)"
      R"("strangeness":0.5,"labels":[]})";
  EXPECT_THAT(error_of(without), HasSubstr("'distance' is missing"));
}

TEST(Ledger, ASkippedImageHasAReasonAndNoLabels) {
  LedgerEntry entry;
  entry.sample.image = "a\n.jpg";
  entry.status = "skipped";
  entry.reason = "truncated";
  entry.detail = "ends after 40 % of its rows\xff";
  const auto line = ledger_line(entry, kCategories);
  EXPECT_EQ(
      unchecked(line),
      R"({"image":"a\n.jpg","sha256":"","width":0,"height":0,"orientation":1,"status":"skipped",)"
      R"("reason":"truncated","detail":"ends after 40 % of its rows\\xFF"})");
  const auto after = parse_ledger_line(line, kCategories, "x");
  EXPECT_EQ(after.reason, "truncated");
  EXPECT_EQ(after.sample.image, "a\n.jpg");
  EXPECT_TRUE(after.sample.labels.empty());
}

TEST(Ledger, ALineCutAnywhereIsAUserError) {
  const auto line = ledger_line(done_entry(), kCategories);
  for (size_t length = 0; length < line.size(); ++length) {
    EXPECT_NE(error_of(line.substr(0, length)), "no error") << length;
  }
}

TEST(Ledger, WhatIsWrongIsNamed) {
  const auto line = ledger_line(done_entry(), kCategories);
  const auto with = [&](const std::string& from, const std::string& to) {
    auto changed = line;
    const auto at = changed.find(from);
    EXPECT_NE(at, changed.npos) << from;
    return error_of(changed.replace(at, from.size(), to));
  };
  EXPECT_THAT(with("\"cat\"", "\"cst\""),
              HasSubstr("category 'cst' is not among the 2 of the run; did you mean 'cat'?"));
  EXPECT_THAT(with("\"done\"", "\"fine\""), HasSubstr("'status' is 'fine'"));
  EXPECT_THAT(with("sub/a.jpg", "../a.jpg"), HasSubstr("unsafe_path"));
  EXPECT_THAT(with("\"width\":640", "\"width\":-1"), HasSubstr("'width' is -1"));
  EXPECT_THAT(with("\"width\":640", "\"width\":\"640\""), HasSubstr("expected a whole number"));
  EXPECT_THAT(with("\"width\":640", "\"width\":99999999999"), HasSubstr("'width'"));
  EXPECT_THAT(with("\"orientation\":6", "\"orientation\":9"),
              HasSubstr("'orientation' is 9, expected 1 to 8"));
  EXPECT_THAT(with("0.5", "1.5"), HasSubstr("'score' is 1.5"));
  EXPECT_THAT(with("[10.0,20.0,30.0,40.0]", "[10.0,20.0,30.0]"),
              HasSubstr("'bbox' is [10.0,20.0,30.0]"));
  EXPECT_THAT(with("[10.0,20.0,30.0,40.0]", "[10.0,20.0,-30.0,40.0]"), HasSubstr("'bbox'"));
  EXPECT_THAT(with("[10.0,20.0,30.0,40.0]", "[10.0,20.0,1e39,40.0]"), HasSubstr("'bbox'"));
  EXPECT_THAT(with("[0.93,0.3]", "[0.93]"), HasSubstr("1 numbers, expected 2"));
  EXPECT_THAT(with("\"labels\":[", "\"labels\":3,\"x\":["), HasSubstr("'labels' is no list"));
  EXPECT_THAT(with("\"sha256\"", "\"sha\""), HasSubstr("field 'sha256' is missing"));
}

TEST(Ledger, TheReaderGivesEachLineAndNamesABadOne) {
  const auto path = test_folder() / "drafts.jsonl";
  const auto line = ledger_line(done_entry(), kCategories);
  write_text(path, line + "\r\n\n" + line + "\n{\"image\":\n");
  LedgerReader reader(path, kCategories);
  EXPECT_TRUE(reader.next());
  EXPECT_TRUE(reader.next());
  try {
    reader.next();
    FAIL() << "read a cut line";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr(path.string() + ":4:10: "));
  }
  EXPECT_FALSE(reader.next());
  EXPECT_THROW(LedgerReader(path.parent_path() / "none", kCategories), UserError);
}

TEST(Ledger, DraftIdsAreStableAndDistinct) {
  EXPECT_EQ(draft_id("a.jpg", "00", "m", "0"), draft_id("a.jpg", "00", "m", "0"));
  const std::set<std::string> ids = {
      draft_id("a.jpg", "00", "m", "0"), draft_id("b.jpg", "00", "m", "0"),
      draft_id("a.jpg", "01", "m", "0"), draft_id("a.jpg", "00", "n", "0"),
      draft_id("a.jpg", "00", "m", "1"), draft_id("a.jpg0", "0", "m", "0")};
  EXPECT_EQ(ids.size(), 6u);
  for (const auto& id : ids) {
    EXPECT_EQ(id.size(), 12u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), id.npos);
  }
}

}  // namespace
}  // namespace preannotate
