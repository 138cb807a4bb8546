#include "preannotate/serve/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>
#include <stdexcept>

#include "http_client.h"
#include "preannotate/core/error.h"

namespace preannotate {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

const std::string kToken = "0123456789abcdef0123456789abcdef";
const std::string kJson = "Content-Type: application/json\r\n";

/// Echoes what the handler is given.
class HttpServerTest : public testing::Test {
 protected:
  HttpAnswer get_below(const std::string& path, const std::string& headers = "") {
    return get(server_.port(), "/" + kToken + path, headers);
  }
  HttpAnswer post_below(const std::string& path, const std::string& body,
                        const std::string& headers = kJson) {
    return post(server_.port(), "/" + kToken + path, body, headers);
  }
  std::string host(const std::string& name) {
    return "Host: " + name + ":" + std::to_string(server_.port()) + "\r\n";
  }
  std::atomic<int> handled_ = 0;
  HttpServer server_{0, kToken, [this](const HttpRequest& request) {
                       ++handled_;
                       if (request.path == "/throws") throw std::runtime_error("it <broke>");
                       return HttpReply{200, "text/plain",
                                        request.method + " " + request.path + " [" +
                                            request.reviewer + "] " + request.body,
                                        request.path == "/kept"};
                     }};
};

TEST_F(HttpServerTest, WhatIsAskedReachesTheHandler) {
  EXPECT_EQ(get_below("/").body, "GET / [] ");
  EXPECT_EQ(get_below("/a/b?reviewer=Zo%C3%AB%20B").body, "GET /a/b [Zoë B] ");
  EXPECT_EQ(post_below("/c", "{\"a\":1}").body, "POST /c [] {\"a\":1}");
  EXPECT_EQ(server_.url(),
            "http://127.0.0.1:" + std::to_string(server_.port()) + "/" + kToken + "/");
}

TEST_F(HttpServerTest, EachReplyForbidsToLoadOrTellAnythingElsewhere) {
  for (const auto& answer : {get_below("/"), get_below("/throws"), get(server_.port(), "/")}) {
    EXPECT_THAT(answer.headers, HasSubstr("Content-Security-Policy: default-src 'none'; "));
    EXPECT_THAT(answer.headers, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(answer.headers, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
    EXPECT_THAT(answer.headers, HasSubstr("Referrer-Policy: no-referrer\r\n"));
    EXPECT_THAT(answer.headers, HasSubstr("Cross-Origin-Resource-Policy: same-origin\r\n"));
    EXPECT_THAT(answer.headers, HasSubstr("Cache-Control: no-store\r\n"));
  }
  EXPECT_THAT(get_below("/kept").headers, HasSubstr("Cache-Control: private, max-age="));
}

TEST_F(HttpServerTest, WithoutTheTokenThereIsNothing) {
  const auto port = server_.port();
  for (const std::string path :
       {"/", "//", "/api/session", "/0123456789abcdef0123456789abcdee/",
        "/0123456789abcdef0123456789abcde/", "/0123456789abcdef0123456789abcdef",
        "/0123456789abcdef0123456789abcdef0/", "/0123456789ABCDEF0123456789ABCDEF/",
        "/%30123456789abcdef0123456789abcdef/", "/?reviewer=0123456789abcdef0123456789abcdef"}) {
    EXPECT_EQ(get(port, path).status, 403) << path;
    EXPECT_EQ(post(port, path, "{}").status, 403) << path;
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServerTest, AnAddressForOnceLeadsToThePageOnce) {
  const auto path_of = [](const std::string& url) { return url.substr(url.find('/', 7)); };
  const auto old = path_of(server_.url_for_once()), path = path_of(server_.url_for_once());
  EXPECT_THAT(path, Not(HasSubstr(kToken)));
  EXPECT_EQ(get(server_.port(), old).status, 403);
  EXPECT_EQ(get(server_.port(), path, host("evil.example")).status, 403);
  EXPECT_EQ(post(server_.port(), path, "{}").status, 403);
  const auto opened = get(server_.port(), path);
  EXPECT_EQ(opened.status, 303);
  EXPECT_THAT(opened.headers, HasSubstr("Location: /" + kToken + "/\r\n"));
  EXPECT_EQ(get(server_.port(), path).status, 403);
  EXPECT_EQ(get(server_.port(), "/open/").status, 403);
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServerTest, OnlyItsOwnHostIsServed) {
  EXPECT_EQ(get_below("/", host("localhost")).status, 200);
  EXPECT_EQ(get_below("/", host("evil.example")).status, 403);
  EXPECT_EQ(get_below("/", host("127.0.0.1.evil.example")).status, 403);
  EXPECT_EQ(get_below("/", "Host: 127.0.0.1\r\n").status, 403);
  EXPECT_EQ(get_below("/", "Host: 127.0.0.1:1\r\n").status, 403);
  EXPECT_EQ(get_below("/", "Host: \r\n").status, 403);
  EXPECT_EQ(handled_, 1);
}

TEST_F(HttpServerTest, AnotherSiteCannotAnswer) {
  const auto origin = [&](const std::string& text) { return "Origin: " + text + "\r\n" + kJson; };
  const std::string port = ":" + std::to_string(server_.port());
  EXPECT_EQ(post_below("/", "{}", origin("http://127.0.0.1" + port)).status, 200);
  EXPECT_EQ(post_below("/", "{}", origin("http://localhost" + port)).status, 200);
  EXPECT_EQ(post_below("/", "{}", origin("https://127.0.0.1" + port)).status, 403);
  EXPECT_EQ(post_below("/", "{}", origin("http://evil.example" + port)).status, 403);
  EXPECT_EQ(post_below("/", "{}", origin("null")).status, 403);
  EXPECT_EQ(handled_, 2);
}

TEST_F(HttpServerTest, AFormCannotAnswer) {
  for (const std::string type : {"text/plain", "application/x-www-form-urlencoded",
                                 "multipart/form-data; boundary=x", "application/jsonp"})
    EXPECT_EQ(post_below("/", "{}", "Content-Type: " + type + "\r\n").status, 400) << type;
  EXPECT_EQ(post_below("/", "{}", "").status, 400);
  EXPECT_EQ(post_below("/", "{}", "Content-Type: application/json; charset=utf-8\r\n").status, 200);
  EXPECT_EQ(handled_, 1);
}

TEST_F(HttpServerTest, OtherMethodsAreRefused) {
  for (const std::string method : {"PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "BREW"}) {
    const auto answer =
        exchange(server_.port(), method + " /" + kToken + "/ HTTP/1.1\r\n" + host("127.0.0.1") +
                                     "Connection: close\r\n\r\n");
    EXPECT_EQ(answer.status, 405) << method;
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServerTest, BodiesAreBounded) {
  EXPECT_EQ(post_below("/", std::string(HttpServer::kLargestBody, 'x')).status, 200);
  const auto answer = post_below("/", std::string(HttpServer::kLargestBody + 1, 'x'));
  EXPECT_THAT(answer.status, testing::AnyOf(413, 0)) << "it may close before all is sent";
  const auto announced =
      exchange(server_.port(), "POST /" + kToken + "/ HTTP/1.1\r\n" + host("127.0.0.1") + kJson +
                                   "Content-Length: 99999999999\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(announced.status, 413);
  EXPECT_EQ(handled_, 1);
}

TEST_F(HttpServerTest, ABodyWithoutALengthIsRefused) {
  const auto answer =
      exchange(server_.port(), "POST /" + kToken + "/ HTTP/1.1\r\n" + host("127.0.0.1") + kJson +
                                   "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
                                   "2\r\n{}\r\n0\r\n\r\n");
  EXPECT_EQ(answer.status, 411);
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServerTest, HeadersAreBounded) {
  const auto answer = get_below("/", "X: " + std::string(1 << 20, 'x') + "\r\n");
  EXPECT_THAT(answer.status, testing::AnyOf(413, 431, 0));
  const auto path = get_below("/" + std::string(1 << 20, 'x'));
  EXPECT_THAT(path.status, testing::AnyOf(413, 414, 431, 0));
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServerTest, WhatIsNoHttpDoesNoHarm) {
  exchange(server_.port(), std::string("\0\xff\r\n\r\n\r\n", 8));
  exchange(server_.port(), "GET\r\n\r\n");
  exchange(server_.port(), "GET / HTTP/9.9\r\n\r\n");
  EXPECT_EQ(handled_, 0);
  EXPECT_EQ(get_below("/").status, 200);
}

TEST_F(HttpServerTest, PathsAreNotDecodedNorResolved) {
  EXPECT_EQ(get_below("/image/../x").body, "GET /image/../x [] ");
  EXPECT_EQ(get_below("/image/%2e%2e%2f%00x").body, "GET /image/%2e%2e%2f%00x [] ");
}

TEST_F(HttpServerTest, WhatTheHandlerThrowsIsAReply) {
  const auto answer = get_below("/throws");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, R"({"error":"it <broke>"})");
  EXPECT_THAT(answer.headers, HasSubstr("Content-Type: application/json\r\n"));
}

TEST_F(HttpServerTest, ManyAreServedAtATime) {
  std::vector<std::future<int>> answers;
  for (int i = 0; i < 40; ++i)
    answers.push_back(std::async(std::launch::async, [&] { return get_below("/x").status; }));
  for (auto& answer : answers) EXPECT_EQ(answer.get(), 200);
}

TEST_F(HttpServerTest, APortThatIsTakenIsAUsageError) {
  try {
    HttpServer second(server_.port(), kToken, [](const HttpRequest&) { return HttpReply{}; });
    FAIL() << "it was not refused";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kUsageError);
    EXPECT_THAT(error.what(), HasSubstr("Address already in use"));
  }
}

TEST(RandomToken, HasThirtyTwoDigitsAndNeverComesTwice) {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) {
    const auto token = random_token();
    EXPECT_EQ(token.size(), 32u);
    EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), token.npos);
    tokens.insert(token);
  }
  EXPECT_EQ(tokens.size(), 100u);
}

}  // namespace
}  // namespace preannotate
