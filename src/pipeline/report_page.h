#pragma once

#include <string>
#include <string_view>

namespace preannotate::report {

/// A whole page: inline style, and a content-security-policy that forbids everything else. `title`
/// and `kind` ("Training report") are escaped already, `style` comes behind kStyle.
std::string page(std::string_view title, std::string_view kind, std::string_view style,
                 std::string_view body);

}  // namespace preannotate::report
