// JSON text: a value that reads back from its own text, or a UserError.

#include "preannotate/core/json.h"

#include <nlohmann/json.hpp>

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  using namespace preannotate;
  Json value;
  if (!fuzz::accepts([&] { value = parse_json(fuzz::text_of(data, size), "a.json"); })) return 0;
  const auto text = json_text(value);
  fuzz::require(json_text(parse_json(text, "written.json")) == text,
                "a value reads back as it was written");
  fuzz::require(parse_json(json_text(value, 1), "written.json") == value,
                "a value reads back as it was written over several lines");
  return 0;
}
