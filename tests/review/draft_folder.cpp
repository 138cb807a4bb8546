#include "draft_folder.h"

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "preannotate/core/json.h"
#include "preannotate/core/random.h"
#include "support/test_folder.h"

namespace preannotate::testing_support {

void write_draft_folder(const std::filesystem::path& folder, const std::string& task,
                        const std::vector<std::string>& categories,
                        const std::vector<LedgerEntry>& entries) {
  std::string ledger;
  for (const auto& entry : entries) ledger += ledger_line(entry, categories) + "\n";
  write_text(folder / "drafts.jsonl", ledger);
  const Json run = {{"kind", "drafts"},
                    {"model_version", "0123456789ab"},
                    {"task", task},
                    {"categories", categories},
                    {"source", {"pictures"}}};
  write_text(folder / "run.json", json_text(run));
  write_text(folder / "summary.json", R"({"found": 1, "buckets": {}})");
}

LedgerEntry two_boxes(const std::string& image) {
  LedgerEntry entry;
  entry.sample.image = image;
  entry.sample.width = 640;
  entry.sample.height = 480;
  entry.sample.bucket = "review";
  entry.sample.labels = {{0, 0.9, Box{10, 20, 110, 120}, draft_id(image, "", "v", "0")},
                         {1, 0.8, Box{300, 20, 400, 120}, draft_id(image, "", "v", "1")}};
  entry.sha256 = std::string(64, 'a');
  entry.status = "done";
  return entry;
}

DraftedWorld drafted_world(size_t count, double error, std::uint64_t seed) {
  DraftedWorld world;
  Random random(seed);
  for (size_t i = 0; i < count; ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "img/%04zu.jpg", i);
    const double score = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    const int drafted = static_cast<int>(random.below(3));
    const bool wrong = random.uniform() < error * 2 * (1 - score);
    world.truth.push_back(wrong ? (drafted + 1) % 3 : drafted);
    LedgerEntry entry;
    entry.sample.image = name;
    entry.sample.width = entry.sample.height = 100;
    entry.sample.bucket = score >= 0.9 ? "accept" : "review";
    entry.sample.uncertainty = 1 - score;
    entry.sample.labels = {{drafted, score, std::nullopt, "00000000000a"}};
    entry.sha256 = std::string(64, 'a');
    entry.status = "done";
    entry.scores.assign(3, (1 - score) / 2);
    entry.scores[static_cast<size_t>(drafted)] = score;
    world.entries.push_back(std::move(entry));
  }
  return world;
}

std::string answers_csv(const DraftedWorld& world, const std::vector<std::string>& images) {
  std::map<std::string, int> truth;
  for (size_t i = 0; i < world.entries.size(); ++i)
    truth[world.entries[i].sample.image] = world.truth[i];
  std::string text = "path,label\n";
  for (const auto& image : images)
    text += image + "," + world.categories[static_cast<size_t>(truth.at(image))] + "\n";
  return text;
}

}  // namespace preannotate::testing_support
