#include "data/names_alike.h"

#include <gtest/gtest.h>

namespace preannotate {
namespace {

// Row 37: names that Unicode composes differently. Row 43: those that differ in case.
TEST(NamesAlike, CompositionAndCaseAreToldApart) {
  const auto alike = names_alike({"a.jpg", "caf\u00e9.jpg", "b/\u00c4.png", "cafe\u0301.jpg",
                                  "A.jpg", "b/\u00e4.png", "c.jpg", "\xff.jpg"});
  ASSERT_EQ(alike.size(), 3u);
  EXPECT_EQ(alike[0].first, "caf\u00e9.jpg");
  EXPECT_EQ(alike[0].second, "cafe\u0301.jpg");
  EXPECT_TRUE(alike[0].same_letters);
  EXPECT_EQ(alike[1].second, "A.jpg");
  EXPECT_FALSE(alike[1].same_letters);
  EXPECT_EQ(alike[2].second, "b/\u00e4.png");
}

}  // namespace
}  // namespace preannotate
