#include "preannotate/serve/http_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"

namespace preannotate {

namespace {

constexpr unsigned kConnections = 64, kTimeout_s = 30;
constexpr size_t kConnectionMemory = 32u << 10;  // bytes: headers and address
const std::string kOpen = "/open/";
constexpr const char* kKeptFor = "private, max-age=3600";
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// One request while its body arrives.
struct Arriving {
  HttpRequest request;
};

const char* header(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value ? value : "";
}

/// Takes as long whatever is there, so that the time does not tell how much was guessed.
bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

MHD_Result send(MHD_Connection* connection, const HttpReply& reply) {
  MHD_Response* response = MHD_create_response_from_buffer(
      reply.body.size(), const_cast<char*>(reply.body.data()), MHD_RESPMEM_MUST_COPY);
  if (!response) return MHD_NO;
  const std::array<std::pair<const char*, const char*>, 6> headers{{
      {"Content-Type", reply.type.c_str()},
      {"Content-Security-Policy", kPolicy},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", reply.kept ? kKeptFor : "no-store"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
  }};
  for (const auto& [name, value] : headers) MHD_add_response_header(response, name, value);
  if (!reply.location.empty())
    MHD_add_response_header(response, "Location", reply.location.c_str());
  if (reply.status == 405) MHD_add_response_header(response, "Allow", "GET, POST");
  const auto sent = MHD_queue_response(connection, static_cast<unsigned>(reply.status), response);
  MHD_destroy_response(response);
  return sent;
}

void completed(void*, MHD_Connection*, void** arriving, MHD_RequestTerminationCode) {
  delete static_cast<Arriving*>(*arriving);
  *arriving = nullptr;
}

/// A socket of 127.0.0.1 that waits for connections.
int listen_on(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound =
      listener >= 0 && ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(listener, SOMAXCONN) == 0;
  if (bound) return listener;
  const std::string why = std::strerror(errno);
  if (listener >= 0) ::close(listener);
  throw UserError(kUsageError, "--port ", port, ": ", why, "; --port 0 takes one that is free");
}

std::uint16_t port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

/// Values stay as they came; what needs them decoded does it itself.
size_t undecoded(void*, MHD_Connection*, char* text) {
  return std::strlen(text);
}

std::string decoded(const char* text) {
  std::string value(text);
  value.resize(MHD_http_unescape(value.data()));
  return value;
}

}  // namespace

HttpReply http_error(int status, const std::string& sentence) {
  return {status, "application/json", json_text({{"error", printable(sentence)}})};
}

struct HttpServer::Server {
  std::string token;
  Handle handle;
  MHD_Daemon* daemon = nullptr;
  std::uint16_t port = 0;
  mutable std::mutex turn;
  mutable std::string ticket;  // of url_for_once(); "" when it has been used

  std::optional<HttpReply> refusal(MHD_Connection* connection, const std::string& method,
                                   std::string_view url) const;
  bool take_ticket(std::string_view url) const;
  std::optional<HttpReply> post_refusal(MHD_Connection* connection) const;
  bool is_own(std::string_view authority) const;
  HttpReply reply(const HttpRequest& request) const;

  static MHD_Result arrived(void* self, MHD_Connection* connection, const char* url,
                            const char* method, const char* version, const char* data,
                            size_t* data_size, void** arriving);
  MHD_Result begin(MHD_Connection* connection, const char* url, const char* method,
                   void** arriving) const;
};

bool HttpServer::Server::is_own(std::string_view authority) const {
  const std::string end = ":" + std::to_string(port);
  return authority == "127.0.0.1" + end || authority == "localhost" + end;
}

/// A page of another site whose name leads here has another Host; a form there another Origin.
std::optional<HttpReply> HttpServer::Server::refusal(MHD_Connection* connection,
                                                     const std::string& method,
                                                     std::string_view url) const {
  if (!is_own(header(connection, "Host"))) return http_error(403, "this Host is not served");
  if (method == "GET" && take_ticket(url))
    return HttpReply{303, "text/plain", "", false, "/" + token + "/"};
  const std::string_view given = url.substr(0, 1 + token.size());
  if (!equal(given, "/" + token) || url.size() <= given.size() || url[given.size()] != '/')
    return http_error(403, "the address lacks the token of this session");
  if (method == "GET") return {};
  if (method == "POST") return post_refusal(connection);
  return http_error(405, "expected GET or POST");
}

bool HttpServer::Server::take_ticket(std::string_view url) const {
  const std::lock_guard lock(turn);
  if (ticket.empty() || !equal(url, kOpen + ticket)) return false;
  ticket.clear();
  return true;
}

std::optional<HttpReply> HttpServer::Server::post_refusal(MHD_Connection* connection) const {
  const std::string_view origin = header(connection, "Origin");
  constexpr std::string_view kScheme = "http://";
  if (!origin.empty() && !(origin.starts_with(kScheme) && is_own(origin.substr(kScheme.size()))))
    return http_error(403, "this Origin is not served");
  const std::string_view type = header(connection, "Content-Type");
  if (type != "application/json" && !type.starts_with("application/json;"))
    return http_error(400, "expected Content-Type: application/json");
  const std::string length = header(connection, "Content-Length");
  double bytes = 0;
  if (!parse_number(length, bytes)) return http_error(411, "expected a Content-Length");
  if (bytes > static_cast<double>(kLargestBody))
    return http_error(413, "the request has " + length + " bytes, at most " +
                               std::to_string(kLargestBody) + " are taken");
  return {};
}

HttpReply HttpServer::Server::reply(const HttpRequest& request) const {
  try {
    return handle(request);
  } catch (const std::exception& error) {
    log_error(error.what());
    return http_error(500, error.what());
  }
}

MHD_Result HttpServer::Server::begin(MHD_Connection* connection, const char* url,
                                     const char* method, void** arriving) const {
  if (const auto refused = refusal(connection, method, url)) return send(connection, *refused);
  auto fresh = std::make_unique<Arriving>();
  fresh->request.method = method;
  fresh->request.path = std::string(url).substr(1 + token.size());
  const char* reviewer = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "reviewer");
  if (reviewer) fresh->request.reviewer = decoded(reviewer);
  *arriving = fresh.release();
  return MHD_YES;
}

/// Called once with the headers, for each part of the body, and at its end.
MHD_Result HttpServer::Server::arrived(void* self, MHD_Connection* connection, const char* url,
                                       const char* method, const char*, const char* data,
                                       size_t* data_size, void** arriving) {
  const auto& server = *static_cast<const Server*>(self);
  try {
    if (!*arriving) return server.begin(connection, url, method, arriving);
    HttpRequest& request = static_cast<Arriving*>(*arriving)->request;
    if (*data_size > 0) {
      if (request.body.size() + *data_size > kLargestBody) return MHD_NO;
      request.body.append(data, *data_size);
      *data_size = 0;
      return MHD_YES;
    }
    return send(connection, server.reply(request));
  } catch (const std::exception&) {
    return MHD_NO;  // out of memory
  }
}

HttpServer::HttpServer(std::uint16_t port, std::string token, Handle handle)
    : server_(std::make_unique<Server>()) {
  server_->token = std::move(token);
  server_->handle = std::move(handle);
  const int listener = listen_on(port);
  server_->port = port_of(listener);  // before the first request
  // A thread each: an answer does not wait behind pictures that are being made.
  server_->daemon = MHD_start_daemon(
      MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, nullptr,
      nullptr, &Server::arrived, server_.get(), MHD_OPTION_LISTEN_SOCKET, listener,
      MHD_OPTION_CONNECTION_LIMIT, kConnections, MHD_OPTION_CONNECTION_TIMEOUT, kTimeout_s,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory, MHD_OPTION_NOTIFY_COMPLETED,
      &completed, nullptr, MHD_OPTION_UNESCAPE_CALLBACK, &undecoded, nullptr,
      MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
  if (server_->daemon) return;
  ::close(listener);
  throw UserError(kBug, "the HTTP server does not start");
}

HttpServer::~HttpServer() {
  MHD_stop_daemon(server_->daemon);
}

std::uint16_t HttpServer::port() const {
  return server_->port;
}

std::string HttpServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port()) + "/" + server_->token + "/";
}

std::string HttpServer::url_for_once() {
  const std::lock_guard lock(server_->turn);
  server_->ticket = random_token();
  return "http://127.0.0.1:" + std::to_string(port()) + kOpen + server_->ticket;
}

std::string random_token() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw UserError(kBug, "no random numbers from the system: ", std::strerror(errno));
  std::string token;
  for (const unsigned char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    token += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return token;
}

}  // namespace preannotate
