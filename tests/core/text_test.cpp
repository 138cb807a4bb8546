#include "preannotate/core/text.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "preannotate/core/error.h"
#include "preannotate/core/random.h"

namespace preannotate {
namespace {

TEST(Text, PrintableEscapesControlsAndKeepsTheRest) {
  EXPECT_EQ(printable("caf\u00e9 \"x\" \\ %"), "caf\u00e9 \"x\" \\ %");
  EXPECT_EQ(printable("a\nb\x1b[31m\x7f"), "a\\x0Ab\\x1B[31m\\x7F");
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xC2\\x9B") << "C1: some terminals take it for ESC [";
}

TEST(Text, PrintableEscapesInvalidUtf8ByteByByte) {
  EXPECT_EQ(printable("a\xff"
                      "b"),
            "a\\xFFb");
  EXPECT_EQ(printable("\xe2\x82"), "\\xE2\\x82") << "cut sequence";
  EXPECT_EQ(printable("\xc0\xaf"), "\\xC0\\xAF") << "overlong '/'";
}

TEST(Text, KnowsValidUtf8) {
  for (const char* good : {"", "a", "\u00e9", "\u20ac", "\U0001F600", "\U0010FFFF"}) {
    EXPECT_TRUE(is_valid_utf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x28\xa1", "\xc3"}) {
    EXPECT_FALSE(is_valid_utf8(bad)) << printable(bad);
  }
}

TEST(Text, HtmlEscapeLeavesNothingThatMarksUp) {
  EXPECT_EQ(html_escape("<a b=\"c\" d='e'>&\n"),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\\x0A");
}

TEST(Text, APathThatIsUtf8StaysAsItIs) {
  for (const char* name : {"sub/a b.jpg", "100%.jpg", "a%20b.jpg", "%zz%", "\u00e9/\n.png"}) {
    EXPECT_EQ(utf8_path(name), name);
    EXPECT_EQ(path_from_utf8(name), name);
  }
}

TEST(Text, APathThatIsNotUtf8IsPercentEncodedAndComesBack) {
  EXPECT_EQ(utf8_path("5%\xff/\u00e9"), "5%25%FF/\u00e9");
  EXPECT_EQ(path_from_utf8("5%25%FF/\u00e9"), "5%\xff/\u00e9");
}

TEST(Text, AnEncodedWayUpIsNotDecoded) {
  EXPECT_EQ(path_from_utf8("%2E%2E%2F%FF"), "%2E%2E%2F%FF");
  EXPECT_EQ(path_from_utf8("a%00%FF"), "a%00%FF");
}

TEST(Text, EveryPathGetsItsOwnKeyAndComesBack) {
  Random random(7);
  const std::string pieces[] = {"%", "F", "2", "5", "\xff", "/", "a", "\u00e9", "%FF", "%25"};
  std::set<std::string> names;
  for (int i = 0; i < 20000; ++i) {
    std::string name;
    for (std::uint64_t k = random.below(7); k > 0; --k)
      name += pieces[random.below(std::size(pieces))];
    if (name.find("//") == name.npos) names.insert(name);
  }
  std::set<std::string> keys;
  for (const auto& name : names) {
    const auto key = utf8_path(name);
    ASSERT_TRUE(is_valid_utf8(key));
    ASSERT_EQ(path_from_utf8(key).native(), name);
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), names.size());
}

TEST(Text, NearestNameIsNearOrNothing) {
  const std::vector<std::string> known = {"train", "predict", "evaluate", "doctor"};
  EXPECT_EQ(nearest_name("trian", known), "train");
  EXPECT_EQ(nearest_name("evalute", known), "evaluate");
  EXPECT_EQ(nearest_name("doctor", known), "doctor");
  EXPECT_EQ(nearest_name("banana", known), "");
  EXPECT_EQ(nearest_name("", known), "");
  EXPECT_EQ(nearest_name(std::string(100000, 'x'), known), "");
  EXPECT_EQ(nearest_name("xy", std::vector<std::string>{"ab"}), "");
}

TEST(Text, JoinNamesCountsTheRest) {
  const std::vector<std::string> names = {"a", "b", "c"};
  EXPECT_EQ(join_names(names), "a, b, c");
  EXPECT_EQ(join_names(names, 3), "a, b, c");
  EXPECT_EQ(join_names(names, 1), "a and 2 more");
  EXPECT_EQ(join_names({}), "");
}

TEST(Text, ParseNumberTakesWholeFiniteNumbersOnly) {
  double value = 0;
  EXPECT_TRUE(parse_number("0.5", value));
  EXPECT_EQ(value, 0.5);
  EXPECT_TRUE(parse_number("-1e-3", value));
  EXPECT_EQ(value, -1e-3);
  for (const char* bad :
       {"", " 1", "1 ", "0,5", "nan", "inf", "-inf", "1x", "0x10", "1e999", "."}) {
    value = 7;
    EXPECT_FALSE(parse_number(bad, value)) << bad;
    EXPECT_EQ(value, 7) << bad;
  }
}

TEST(Text, NumbersForPeople) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(1050), "1,050");
  EXPECT_EQ(human_count(1234567), "1,234,567");
  EXPECT_EQ(human_bytes(12345678), "12.3 MB");
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(999999), "1.0 MB");
  EXPECT_EQ(human_seconds(0.42), "0.4 s");
  EXPECT_EQ(human_seconds(41), "41 s");
  EXPECT_EQ(human_seconds(200), "3 min 20 s");
  EXPECT_EQ(human_seconds(59.7), "1 min 0 s");
  EXPECT_EQ(human_seconds(7500), "2 h 5 min");
  EXPECT_FALSE(human_seconds(std::numeric_limits<double>::infinity()).empty());
}

TEST(UserErrorTest, EscapesWhatItIsMadeFrom) {
  const UserError error(kBadInput, std::filesystem::path("a\nb.csv"), ":", 3, ": found '",
                        "\x1b[31m", "'");
  EXPECT_STREQ(error.what(), "a\\x0Ab.csv:3: found '\\x1B[31m'");
  EXPECT_EQ(error.exit_code(), kBadInput);
}

}  // namespace
}  // namespace preannotate
