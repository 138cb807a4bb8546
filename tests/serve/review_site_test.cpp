#include "preannotate/serve/review_site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "http_client.h"
#include "preannotate/core/hash.h"
#include "preannotate/image/decode.h"
#include "session_folder.h"
#include "support/images.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

/// A session over the wire: a picture that lies on its side, one that is damaged, one that is
/// gone, and one that has changed.
class ReviewSiteTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string turned = with_orientation(jpeg_bytes(corner_picture(600, 300)), 6);
    add("a turned.jpg", turned, turned);
    add("b damaged.jpg", "no picture", "no picture");
    add("c gone.jpg", "", turned);
    add("d changed.jpg", jpeg_bytes(corner_picture(60, 30)), turned);
    write_draft_folder(folder_ / "drafts", "classify", {"ant", "bee", "cow"}, entries_);
    Json run = parse_json(read_text(folder_ / "drafts/run.json"), "run.json");
    run["source"] = {(folder_ / "pictures").string()};
    write_text(folder_ / "drafts/run.json", json_text(run));
    session_ = std::make_unique<ReviewSession>(SessionOptions{.drafts = folder_ / "drafts"});
    site_ = std::make_unique<ReviewSite>(*session_);
  }
  void add(const std::string& name, const std::string& bytes, const std::string& drafted) {
    if (!bytes.empty()) write_text(folder_ / "pictures" / name, bytes);
    const double uncertainty = 0.5 - 0.1 * static_cast<double>(entries_.size());
    entries_.push_back(drafted_class(name, 0, uncertainty));
    entries_.back().sha256 = sha256(drafted);
  }
  HttpReply read(const std::string& path, const std::string& reviewer = "") {
    return site_->reply({"GET", path, reviewer, ""});
  }
  HttpReply write(const std::string& path, const std::string& body) {
    return site_->reply({"POST", path, "", body});
  }
  fs::path folder_ = test_folder();
  std::vector<LedgerEntry> entries_;
  std::unique_ptr<ReviewSession> session_;
  std::unique_ptr<ReviewSite> site_;
};

TEST_F(ReviewSiteTest, ThePageAndItsFilesArePartOfTheProgram) {
  EXPECT_EQ(read("/").type, "text/html; charset=utf-8");
  EXPECT_THAT(read("/").body, testing::StartsWith("<!"));
  EXPECT_EQ(read("/page.js").type, "text/javascript; charset=utf-8");
  EXPECT_EQ(read("/page.css").type, "text/css; charset=utf-8");
}

TEST_F(ReviewSiteTest, PicturesAreUprightAndBounded) {
  const HttpReply image = read("/image/0");
  EXPECT_EQ(image.status, 200);
  EXPECT_EQ(image.type, "image/jpeg");
  EXPECT_TRUE(image.kept);
  const Picture picture = decode_image(image.body).picture;
  EXPECT_EQ(picture.width, 300);
  EXPECT_EQ(picture.height, 600);
  const Picture small = decode_image(read("/thumbnail/0").body).picture;
  EXPECT_EQ(small.height, Pictures::kThumbnailSide);
  EXPECT_EQ(small.width, Pictures::kThumbnailSide / 2);
}

TEST_F(ReviewSiteTest, AThumbnailIsMadeOnce) {
  const auto first = read("/thumbnail/0").body;
  fs::remove(folder_ / "pictures/a turned.jpg");
  EXPECT_EQ(read("/thumbnail/0").body, first);
  EXPECT_EQ(read("/image/0").status, 404);
}

TEST_F(ReviewSiteTest, APictureThatCannotBeShownSaysWhy) {
  for (const std::string kind : {"/image/", "/thumbnail/"}) {
    for (const auto& [item, why] : {std::pair{"1", "b damaged.jpg"},
                                    {"2", "c gone.jpg"},
                                    {"3", "has changed since it was drafted"}}) {
      const HttpReply reply = read(kind + item);
      EXPECT_EQ(reply.status, 404) << kind << item;
      EXPECT_THAT(reply.body, HasSubstr(why));
    }
  }
}

TEST_F(ReviewSiteTest, NoPathReachesTheDisk) {
  for (const std::string path :
       {"/image/../../etc/passwd", "/image/..%2f..%2fetc%2fpasswd", "/image//etc/passwd",
        "/image/0/../1", "/image/-1", "/image/4", "/image/", "/image/0x0", "/image/ 0", "/image/+0",
        "/image/18446744073709551616", "/image/1e0", "/thumbnail/a turned.jpg", "/page.html/..",
        "/../page.html", "/run.json", "//page.js", "/api", "/api/"}) {
    EXPECT_EQ(read(path).status, 404) << path;
  }
}

TEST_F(ReviewSiteTest, ASessionFromTheFirstQuestionToUndo) {
  EXPECT_EQ(parse_json(read("/api/session").body, "reply")["total"], 4);
  const Json items =
      parse_json(write("/api/items", json_text(ask("ann", 2))).body, "reply")["items"];
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0]["image"], "a turned.jpg");
  EXPECT_EQ(write("/api/answers", json_text(class_answer("ann", 0, 1))).status, 200);
  const Json progress = parse_json(read("/api/progress", "ann").body, "reply");
  EXPECT_EQ(progress["answered"], 1);
  const Json undone = parse_json(write("/api/undo", R"({"reviewer":"ann"})").body, "reply");
  EXPECT_EQ(undone["item"]["labels"][0]["category"], 1);
}

TEST_F(ReviewSiteTest, WrongRequestsSayWhatIsWrong) {
  EXPECT_EQ(write("/api/items", "{").status, 400);
  EXPECT_EQ(write("/api/items", "").status, 400);
  EXPECT_EQ(write("/api/items", "{\"reviewer\":\"a\",\"reviewer\":\"b\"}").status, 400);
  EXPECT_EQ(write("/api/items", std::string(100'000, '[')).status, 400);
  EXPECT_EQ(write("/api/items", "{\"reviewer\":\"\xff\"}").status, 400);
  EXPECT_EQ(read("/api/progress").status, 400) << "nobody asks";
  EXPECT_EQ(read("/api/items").status, 405);
  EXPECT_EQ(write("/api/session", "{}").status, 405);
  EXPECT_EQ(write("/", "{}").status, 405);
  EXPECT_THAT(write("/api/items", "{}").body, HasSubstr("'reviewer' is missing"));
}

TEST_F(ReviewSiteTest, TwoReviewersOnTheWireGetEveryImageOnce) {
  const std::string token = random_token();
  const HttpServer server(0, token,
                          [&](const HttpRequest& request) { return site_->reply(request); });
  std::vector<std::string> images;
  for (const char* reviewer : {"ann", "ben"}) {
    const auto answer =
        post(server.port(), "/" + token + "/api/items", json_text(ask(reviewer, 2)));
    ASSERT_EQ(answer.status, 200);
    for (const auto& image : images_of(parse_json(answer.body, "reply"))) images.push_back(image);
  }
  EXPECT_EQ(images, (std::vector<std::string>{"a turned.jpg", "b damaged.jpg", "c gone.jpg",
                                              "d changed.jpg"}));
  EXPECT_EQ(get(server.port(), "/" + token + "/image/../../etc/passwd").status, 404);
}

}  // namespace
}  // namespace preannotate
