#include "ranges_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"

namespace preannotate {

namespace {

double three_digits(double value) {
  if (value == 0) return 0;
  const double unit = std::pow(10.0, 2 - std::floor(std::log10(std::abs(value))));
  return std::round(value * unit) / unit;
}

Json numbers(const std::vector<std::array<float, 2>>& channels, size_t end) {
  Json json = Json::array();
  for (const auto& range : channels) json.push_back(three_digits(range[end]));
  return json;
}

std::vector<float> numbers(const Json& json, const char* name, const std::string& where) {
  const auto found = json.find(name);
  if (found == json.end()) return {};
  const auto is_number = [](const Json& value) { return value.is_number(); };
  if (!found->is_array() || !std::all_of(found->begin(), found->end(), is_number)) {
    throw UserError(kBadModel, where, ": int8 ranges whose \"", name, "\" is no list of numbers");
  }
  return found->get<std::vector<float>>();
}

}  // namespace

Json ranges_json(const ActivationRanges& ranges) {
  Json list = Json::array();
  for (const auto& channels : ranges.ranges) {
    Json entry = Json::object();
    const bool below =
        std::any_of(channels.begin(), channels.end(), [](const auto& r) { return r[0] < 0; });
    if (below) entry["low"] = numbers(channels, 0);
    if (!channels.empty()) entry["high"] = numbers(channels, 1);
    list.push_back(std::move(entry));
  }
  return {{"ranges", std::move(list)}};
}

ActivationRanges ranges_from_json(const Json& json, const std::string& where) {
  const auto list = json.find("ranges");
  const auto is_object = [](const Json& value) { return value.is_object(); };
  if (list == json.end() || !list->is_array() ||
      !std::all_of(list->begin(), list->end(), is_object)) {
    throw UserError(kBadModel, where, ": \"ranges\" is no list of objects");
  }
  ActivationRanges ranges;
  for (const auto& entry : *list) {
    auto low = numbers(entry, "low", where);
    const auto high = numbers(entry, "high", where);
    if (low.empty()) low.resize(high.size(), 0);
    if (low.size() != high.size()) {
      throw UserError(kBadModel, where, ": int8 ranges of ", low.size(), " \"low\" and ",
                      high.size(), " \"high\" numbers");
    }
    auto& channels = ranges.ranges.emplace_back();
    for (size_t i = 0; i < high.size(); ++i) channels.push_back({low[i], high[i]});
  }
  return ranges;
}

}  // namespace preannotate
