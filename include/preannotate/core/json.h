#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace preannotate {

/// Keys keep the order in which they were added, so that files diff well.
using Json = nlohmann::ordered_json;

/// Strict JSON: UTF-8 (a BOM is accepted, UTF-16 named), no duplicate keys, no NaN, no comments,
/// nesting at most 64. Throws UserError(kBadInput) "file:line:column: ...". `name` is what the
/// message calls the text, `first_line` the number of its first line.
Json parse_json(std::string_view text, const std::filesystem::path& name, size_t first_line = 1);
Json read_json(const std::filesystem::path& path);

/// An item of a list in a file: the list's key in the outermost object ("" for the outermost list),
/// the item's place in it, and the line it begins in.
using TakeJsonItem =
    std::function<void(const std::string& list, size_t index, size_t line, Json item)>;

/// As read_json(), for files of any size: what stands in `lists` is handed on item by item and not
/// kept. The result is the rest, with these lists empty.
Json stream_json(const std::filesystem::path& path, const std::set<std::string>& lists,
                 const TakeJsonItem& take_item);

/// UTF-8 text; indent < 0 gives one line. Throws std::logic_error on NaN, infinity or invalid
/// UTF-8: those must not reach a file.
std::string json_text(const Json& value, int indent = -1);

/// Typed access that never converts silently. `where` names file (and line) in the UserError
/// (kBadInput): "<where>: field 'width' is missing" / "... is \"12\", expected a whole number".
const Json& field(const Json& object, std::string_view key, const std::string& where);
std::string string_field(const Json& object, std::string_view key, const std::string& where);
std::int64_t int_field(const Json& object, std::string_view key, const std::string& where);
double number_field(const Json& object, std::string_view key, const std::string& where);
bool bool_field(const Json& object, std::string_view key, const std::string& where);
std::vector<double> numbers_field(const Json& object, std::string_view key,
                                  const std::string& where);
std::vector<std::string> strings_field(const Json& object, std::string_view key,
                                       const std::string& where);

}  // namespace preannotate
