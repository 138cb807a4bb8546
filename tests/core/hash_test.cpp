#include "preannotate/core/hash.h"

#include <gtest/gtest.h>

#include "preannotate/core/error.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using testing_support::test_folder;
using testing_support::write_text;

// The digests of FIPS 180-4's examples.
TEST(Hash, MatchesThePublishedDigests) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, OfAFileIsThatOfItsBytes) {
  const auto path = test_folder() / "big";
  const std::string bytes(3'000'001, 'x');
  write_text(path, bytes);
  EXPECT_EQ(sha256_of_file(path), sha256(bytes));
}

TEST(Hash, OfAMissingFileOrAFolderIsAUserError) {
  const auto folder = test_folder();
  EXPECT_THROW(sha256_of_file(folder / "none"), UserError);
  EXPECT_THROW(sha256_of_file(folder), UserError);
}

}  // namespace
}  // namespace preannotate
