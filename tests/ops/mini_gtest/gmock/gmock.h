#pragma once

#include <gtest/gtest.h>

namespace testing {

inline auto HasSubstr(const std::string& part) {
  return [part](const std::string& text) {
    return text.find(part) != std::string::npos ? std::string()
                                                : "'" + part + "' is not in '" + text + "'";
  };
}

}  // namespace testing
