#include "http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace preannotate::testing_support {

namespace {

std::string request(std::uint16_t port, const std::string& line, const std::string& headers,
                    const std::string& body) {
  const bool has_host = headers.find("Host:") != headers.npos;
  return line + " HTTP/1.1\r\n" +
         (has_host ? "" : "Host: 127.0.0.1:" + std::to_string(port) + "\r\n") +
         "Connection: close\r\n" + headers + "\r\n" + body;
}

}  // namespace

HttpAnswer exchange(std::uint16_t port, const std::string& bytes) {
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{3, 0};  // what is no request may get no reply
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string text;
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    // The server may refuse before all is sent.
    for (size_t sent = 0; sent < bytes.size();) {
      const auto part = ::send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (part <= 0) break;
      sent += static_cast<size_t>(part);
    }
    char buffer[4096];
    for (ssize_t got; (got = ::recv(connection, buffer, sizeof buffer, 0)) > 0;)
      text.append(buffer, static_cast<size_t>(got));
  }
  ::close(connection);
  HttpAnswer answer;
  const size_t end = text.find("\r\n\r\n");
  if (end == text.npos) return answer;
  answer.status = std::atoi(text.c_str() + sizeof "HTTP/1.1");
  answer.headers = text.substr(0, end + 2);
  answer.body = text.substr(end + 4);
  return answer;
}

HttpAnswer get(std::uint16_t port, const std::string& path, const std::string& headers) {
  return exchange(port, request(port, "GET " + path, headers, ""));
}

HttpAnswer post(std::uint16_t port, const std::string& path, const std::string& body,
                const std::string& headers) {
  return exchange(
      port, request(port, "POST " + path,
                    headers + "Content-Length: " + std::to_string(body.size()) + "\r\n", body));
}

}  // namespace preannotate::testing_support
