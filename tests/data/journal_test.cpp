#include "preannotate/data/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/core/random.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

const std::vector<std::string> kCategories = {"cat", "dog"};

LedgerEntry entry(int number) {
  LedgerEntry entry;
  entry.sample = draft("image-" + std::to_string(number) + ".jpg", {{number % 2, 0.5}});
  entry.sha256 = std::string(64, 'a');
  entry.status = "done";
  return entry;
}

std::vector<std::string> images_in(const fs::path& file) {
  std::vector<std::string> images;
  for (JournalReader reader(file, kCategories); const auto entry = reader.next();)
    images.push_back(entry->sample.image);
  return images;
}

class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    Journal journal(file_);
    for (int i = 0; i < 5; ++i) journal.append(entry(i), kCategories);
    journal.finish();
  }
  fs::path file_ = test_folder() / "drafts.jsonl";
};

TEST_F(JournalTest, LinesAreThereWhenTheyAreAppendedNotAtTheEnd) {
  const auto file = file_.parent_path() / "other.jsonl";
  Journal journal(file);
  journal.append(entry(1), kCategories);
  EXPECT_EQ(images_in(file).size(), 1u);
}

TEST_F(JournalTest, ItIsALedgerThatItsReaderTakes) {
  LedgerReader reader(file_, kCategories);
  EXPECT_EQ(reader.next()->sample, entry(0).sample);
}

TEST_F(JournalTest, GoesOnBehindWhatIsKept) {
  JournalReader reader(file_, kCategories);
  reader.next();
  reader.next();
  const auto kept = reader.end();
  {
    Journal journal(file_, kept);
    journal.append(entry(7), kCategories);
    journal.finish();
  }
  EXPECT_EQ(images_in(file_),
            (std::vector<std::string>{"image-0.jpg", "image-1.jpg", "image-7.jpg"}));
}

TEST_F(JournalTest, CutAnywhereItGivesTheWholeLinesBefore) {
  const auto text = read_text(file_);
  for (size_t length = 0; length < text.size(); ++length) {
    write_text(file_, text.substr(0, length));
    const auto whole = std::count(text.begin(), text.begin() + static_cast<long>(length), '\n');
    EXPECT_EQ(images_in(file_).size(), static_cast<size_t>(whole)) << length;
  }
}

TEST_F(JournalTest, AFlippedBitAnywhereIsSeen) {
  const auto text = read_text(file_);
  Random random(3);
  for (int trial = 0; trial < 4096; ++trial) {
    auto damaged = text;
    const size_t at = random.below(text.size());
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.below(8)));
    write_text(file_, damaged);
    const auto line = std::count(text.begin(), text.begin() + static_cast<long>(at), '\n');
    // A line end that is gone joins two lines; the one before it is then lost too.
    ASSERT_LE(images_in(file_).size(), static_cast<size_t>(line)) << "bit of byte " << at;
  }
}

TEST_F(JournalTest, ALineThatDoesNotFitItsChecksumIsNamedByTheLedgersReader) {
  auto text = read_text(file_);
  text.replace(text.find("0.5", text.find('\n')), 3, "0.6");
  write_text(file_, text);
  LedgerReader reader(file_, kCategories);
  reader.next();
  try {
    reader.next();
    FAIL() << "was taken";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("drafts.jsonl:2: does not fit its checksum"));
  }
}

TEST_F(JournalTest, AFolderThatIsNotThereIsAUserError) {
  EXPECT_THROW(Journal(file_.parent_path() / "none" / "drafts.jsonl"), UserError);
}

}  // namespace
}  // namespace preannotate
