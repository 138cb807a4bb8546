#include "rle.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "json_values.h"
#include "preannotate/core/error.h"

namespace preannotate {
namespace {

constexpr std::int64_t kLargestSide = 1 << 30;  // px
constexpr std::int64_t kMostPixels = std::int64_t{1} << 40;

int side(const Json& value, const std::string& where) {
  if (!value.is_number_integer() || value < Json(0) || value > Json(kLargestSide)) {
    throw UserError(kBadInput, where,
                    ": field 'size' of the RLE is no [height, width] in whole pixels");
  }
  return value.get<int>();
}

std::vector<std::int64_t> listed_counts(const Json& list, const std::string& where) {
  std::vector<std::int64_t> counts;
  for (const Json& count : list) {
    if (!count.is_number_integer() || count < Json(0) || count > Json(kMostPixels))
      throw UserError(kBadInput, where, ": a count of the RLE is no whole number of pixels");
    counts.push_back(count.get<std::int64_t>());
  }
  return counts;
}

}  // namespace

std::vector<std::int64_t> decompressed_counts(std::string_view text, const std::string& where) {
  constexpr int kFirst = 48, kLast = 111, kBits = 5, kMostBits = 40;
  std::vector<std::int64_t> counts;
  for (size_t at = 0; at < text.size();) {
    std::int64_t value = 0;
    int shift = 0;
    bool more = true, negative = false;
    while (more) {
      if (at == text.size()) throw UserError(kBadInput, where, ": the RLE ends inside a count");
      const int code = static_cast<unsigned char>(text[at++]);
      if (code < kFirst || code > kLast || shift > kMostBits) {
        throw UserError(kBadInput, where, ": the RLE holds what is no count");
      }
      value |= std::int64_t{(code - kFirst) & 31} << shift;
      shift += kBits;
      more = (code - kFirst) & 32;
      negative = (code - kFirst) & 16;
    }
    if (negative) value -= std::int64_t{1} << shift;
    if (counts.size() > 2) value += counts[counts.size() - 2];
    if (value < 0 || value > kMostPixels)
      throw UserError(kBadInput, where, ": a count of the RLE is no whole number of pixels");
    counts.push_back(value);
  }
  return counts;
}

RunLengths run_lengths(const Json& json, const std::string& where) {
  const Json& size = field(json, "size", where);
  if (!size.is_array() || size.size() != 2) {
    throw UserError(kBadInput, where, ": field 'size' of the RLE is no [height, width]");
  }
  const Json& counts = field(json, "counts", where);
  if (!counts.is_array() && !counts.is_string())
    throw UserError(kBadInput, where, ": field 'counts' of the RLE is neither a list nor text");
  RunLengths mask{side(size[0], where), side(size[1], where),
                  counts.is_array()
                      ? listed_counts(counts, where)
                      : decompressed_counts(counts.get_ref<const std::string&>(), where)};
  std::int64_t sum = 0;
  const auto pixels = std::int64_t{mask.height} * mask.width;
  for (const auto count : mask.counts) sum = std::min(sum + count, pixels + 1);
  if (sum != pixels) {
    throw UserError(kBadInput, where, ": the counts of the RLE sum to ",
                    sum > pixels ? "more" : std::to_string(sum), ", expected ", mask.height, " x ",
                    mask.width, " = ", pixels);
  }
  return mask;
}

Corners corners_around(const RunLengths& mask) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  Corners box{kFar, kFar, -kFar, -kFar};
  std::int64_t at = 0;
  for (size_t i = 0; i < mask.counts.size(); ++i) {
    const auto first = at, last = at + mask.counts[i] - 1;
    at = last + 1;
    if (i % 2 == 0 || last < first) continue;
    const auto x1 = first / mask.height, x2 = last / mask.height;
    // A run over a column's end holds the last row of one and the first of the next.
    const auto y1 = x1 == x2 ? first % mask.height : 0;
    const auto y2 = x1 == x2 ? last % mask.height : mask.height - 1;
    box = {std::min(box.x1, static_cast<double>(x1)), std::min(box.y1, static_cast<double>(y1)),
           std::max(box.x2, static_cast<double>(x2 + 1)),
           std::max(box.y2, static_cast<double>(y2 + 1))};
  }
  return box;
}

}  // namespace preannotate
