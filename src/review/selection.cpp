#include "preannotate/review/selection.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <random>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFile = "selection.json";

Json labels_json(const std::vector<Label>& labels, const std::vector<std::string>& categories) {
  Json list = Json::array();
  for (const Label& label : labels) {
    Json json = {{"category", categories.at(static_cast<size_t>(label.category))}};
    if (!label.id.empty()) json["id"] = label.id;
    if (label.score) json["score"] = *label.score;
    if (label.box) {
      const Box& box = *label.box;
      json["corners"] = {box.x1, box.y1, box.x2, box.y2};
    }
    list.push_back(std::move(json));
  }
  return list;
}

Label parse_label(const Json& json, const std::vector<std::string>& categories,
                  const std::string& where) {
  Label label;
  const auto name = string_field(json, "category", where);
  label.category = category_index(categories, name);
  if (label.category < 0)
    throw UserError(kBadInput, where, ": category '", name, "' is not among the drafts'");
  if (json.contains("id")) label.id = string_field(json, "id", where);
  if (json.contains("score")) label.score = number_field(json, "score", where);
  if (json.contains("corners")) {
    const auto corners = numbers_field(json, "corners", where);
    if (corners.size() != 4)
      throw UserError(kBadInput, where, ": field 'corners' has ", corners.size(),
                      " numbers, expected x1 y1 x2 y2");
    label.box = Box{static_cast<float>(corners[0]), static_cast<float>(corners[1]),
                    static_cast<float>(corners[2]), static_cast<float>(corners[3])};
  }
  return label;
}

const Json& list_field(const Json& json, const char* key, const std::string& where) {
  const Json& list = field(json, key, where);
  if (!list.is_array()) throw UserError(kBadInput, where, ": field '", key, "' is no list");
  return list;
}

std::vector<Label> parse_labels(const Json& json, const char* key,
                                const std::vector<std::string>& categories,
                                const std::string& where) {
  std::vector<Label> labels;
  for (const Json& label : list_field(json, key, where))
    labels.push_back(parse_label(label, categories, where));
  return labels;
}

Json honeypots_json(const std::vector<Honeypot>& honeypots,
                    const std::vector<std::string>& categories) {
  Json list = Json::array();
  for (const Honeypot& honeypot : honeypots) {
    list.push_back({{"image", honeypot.image},
                    {"right", honeypot.right},
                    {"labels", labels_json(honeypot.labels, categories)},
                    {"truth", labels_json(honeypot.truth, categories)}});
  }
  return list;
}

Json looks_json(const std::vector<Look>& looks) {
  Json list = Json::array();
  for (const Look& look : looks) {
    list.push_back({{"answers_sha256", look.answers_sha256},
                    {"answers", look.answers},
                    {"asked", parse_json(look.asked, "asked")},
                    {"given", look.given}});
  }
  return list;
}

size_t count_field(const Json& json, const char* key, const std::string& where) {
  const auto value = int_field(json, key, where);
  if (value < 0 || value > 1'000'000'000)
    throw UserError(kBadInput, where, ": field '", key, "' is ", value, ", expected a count");
  return static_cast<size_t>(value);
}

std::uint64_t seed_field(const Json& json, const std::string& where) {
  const std::string text = string_field(json, "seed", where);
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size())
    throw UserError(kBadInput, where, ": field 'seed' is '", text, "', expected a whole number");
  return seed;
}

}  // namespace

bool is_blind_sample(const Selection& selection) {
  return selection.purpose == "certify" || selection.purpose == "audit";
}

bool hides_draft(const Selection& selection, const std::string& image) {
  return is_blind_sample(selection) ||
         std::find(selection.blind.begin(), selection.blind.end(), image) != selection.blind.end();
}

std::uint64_t unknown_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

fs::path selection_folder(const fs::path& drafts, const std::string& name) {
  const bool plain = !name.empty() && name.front() != '.' && is_valid_utf8(name) &&
                     name.find_first_of("/\\") == name.npos && printable(name) == name;
  if (!plain)
    throw UserError(kUsageError, "--name '", name, "': expected a plain name, e.g. certify-2");
  return drafts / "selections" / path_from_utf8(name);
}

Selection read_selection(const fs::path& drafts, const std::string& name,
                         const std::vector<std::string>& categories) {
  const fs::path file = selection_folder(drafts, name) / kFile;
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    throw UserError(kUsageError, drafts, ": nothing was selected under the name '", name,
                    "'; preannotate select ", drafts,
                    " --for certify|audit|review|label --budget N");
  }
  const std::string where = file.string();
  const Json json = read_json(file);
  Selection selection;
  selection.name = name;
  selection.purpose = string_field(json, "purpose", where);
  selection.model_version = string_field(json, "model_version", where);
  selection.drafts_sha256 = string_field(json, "drafts_sha256", where);
  selection.labels_sha256 = string_field(json, "labels_sha256", where);
  selection.answers_sha256 = string_field(json, "answers_sha256", where);
  selection.pool = count_field(json, "pool", where);
  selection.looks = static_cast<int>(count_field(json, "looks", where));
  selection.images = strings_field(json, "images", where);
  // Selections from before there were answers beside the drafts do not have these.
  if (json.contains("blind")) selection.blind = strings_field(json, "blind", where);
  if (json.contains("settled")) selection.settled = strings_field(json, "settled", where);
  for (const Json& item : list_field(json, "honeypots", where)) {
    selection.honeypots.push_back({string_field(item, "image", where),
                                   bool_field(item, "right", where),
                                   parse_labels(item, "labels", categories, where),
                                   parse_labels(item, "truth", categories, where)});
  }
  for (const Json& item : list_field(json, "used", where)) {
    selection.used.push_back(
        {string_field(item, "answers_sha256", where), count_field(item, "answers", where),
         json_text(field(item, "asked", where)), bool_field(item, "given", where)});
  }
  selection.seed = seed_field(json, where);
  return selection;
}

void write_selection(const fs::path& folder, const Selection& selection,
                     const std::vector<std::string>& categories) {
  const Json json = {{"format_version", 1},
                     {"kind", "selection"},
                     {"purpose", selection.purpose},
                     {"model_version", selection.model_version},
                     {"drafts_sha256", selection.drafts_sha256},
                     {"labels_sha256", selection.labels_sha256},
                     {"answers_sha256", selection.answers_sha256},
                     {"seed", std::to_string(selection.seed)},  // 64 bits: more than a JSON number
                     {"pool", selection.pool},
                     {"images", selection.images},
                     {"blind", selection.blind},
                     {"settled", selection.settled},
                     {"honeypots", honeypots_json(selection.honeypots, categories)},
                     {"looks", selection.looks},
                     {"used", looks_json(selection.used)}};
  write_file(folder / kFile, json_text(json, 1) + "\n");
}

void check_same_drafts(const Selection& selection, const std::string& drafts_sha256) {
  if (selection.drafts_sha256 == drafts_sha256) return;
  throw UserError(
      kBadInput, "the drafts are no longer those that the selection '", selection.name,
      "' was made from; a sample tells only of the drafts that it was drawn from: ", "select anew");
}

}  // namespace preannotate
