#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace preannotate {

/// What a browser asks for, after all checks.
struct HttpRequest {
  std::string method;    // GET or POST
  std::string path;      // below the token, "/" at least, as it came: nothing is decoded
  std::string reviewer;  // of the query, decoded; "" when it has none
  std::string body;      // of POST
};

struct HttpReply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  bool kept = false;       // the browser may keep it for a while, for itself
  std::string location{};  // of a redirect
};

/// {"error":sentence}.
HttpReply http_error(int status, const std::string& sentence);

/// A server for one person's browser: 127.0.0.1 alone, everything below a secret token. Refused
/// before `handle` sees it: another token, another Host than 127.0.0.1:PORT or localhost:PORT, on
/// POST another Origin or content type than JSON, other methods, bodies above kLargestBody. Each
/// reply carries a policy that lets the page load and send nothing elsewhere.
class HttpServer {
 public:
  using Handle = std::function<HttpReply(const HttpRequest&)>;
  static constexpr size_t kLargestBody = 1u << 20;  // bytes

  /// `port` 0: any free one. `handle` is called from several threads at once; what it throws
  /// becomes a reply with status 500. Throws UserError(kUsageError) when the port is taken.
  HttpServer(std::uint16_t port, std::string token, Handle handle);
  ~HttpServer();  // ends what is under way
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  std::string url() const;  // "http://127.0.0.1:PORT/TOKEN/"
  /// An address that leads to url() once: other users of the machine see the command line of a
  /// browser that is started with it. A new one makes the last one void.
  std::string url_for_once();

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

/// 32 hex digits that nobody can guess.
std::string random_token();

}  // namespace preannotate
