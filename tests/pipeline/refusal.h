#pragma once

#include <functional>
#include <string>

#include "preannotate/core/error.h"

namespace preannotate::testing_support {

/// The UserError that `action` throws, as "code: sentence".
inline std::string refusal(const std::function<void()>& action) {
  try {
    action();
    return "nothing was thrown";
  } catch (const UserError& error) {
    return std::to_string(error.exit_code()) + ": " + error.what();
  }
}

}  // namespace preannotate::testing_support
