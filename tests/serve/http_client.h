#pragma once

#include <cstdint>
#include <string>

namespace preannotate::testing_support {

struct HttpAnswer {
  int status = 0;  // 0: the connection was closed without one
  std::string headers, body;
};

/// Sends `bytes` as they are to 127.0.0.1:port and reads until the server closes
/// or says nothing for 3 s.
HttpAnswer exchange(std::uint16_t port, const std::string& bytes);

/// A request as a browser makes it; `headers` are lines that end in \r\n and come in place of the
/// Host when they have one.
HttpAnswer get(std::uint16_t port, const std::string& path, const std::string& headers = "");
HttpAnswer post(std::uint16_t port, const std::string& path, const std::string& body,
                const std::string& headers = "Content-Type: application/json\r\n");

}  // namespace preannotate::testing_support
