#include "drafting.h"

#include <algorithm>
#include <cmath>

#include "labelled_features.h"
#include "preannotate/pipeline/figures.h"

namespace preannotate {

namespace {

void draft_one_class(LedgerEntry& entry, const RunManifest& run, const AcceptScores& accept) {
  const int best = top_class(entry.scores);
  const double score = entry.scores[static_cast<size_t>(best)];
  double second = 0;
  for (size_t c = 0; c < entry.scores.size(); ++c) {
    if (static_cast<int>(c) != best) second = std::max(second, entry.scores[c]);
  }
  entry.status = "done";
  entry.sample.bucket = is_accepted(accept, best, score) ? "accept" : "review";
  entry.sample.uncertainty = 1 - (score - second);
  entry.sample.labels.push_back(
      {best, score, std::nullopt,
       draft_id(entry.sample.image, entry.sha256, run.model_version, "class")});
}

void draft_labels(LedgerEntry& entry, const RunManifest& run, const AcceptScores& accept) {
  double least_sure = 1;
  bool sure = true;
  for (size_t c = 0; c < entry.scores.size(); ++c) {
    const double score = entry.scores[c], certainty = std::max(score, 1 - score);
    least_sure = std::min(least_sure, certainty);
    sure = sure && is_accepted(accept, static_cast<int>(c), certainty);
    if (score < kLabelThreshold) continue;
    entry.sample.labels.push_back(
        {static_cast<int>(c), score, std::nullopt,
         draft_id(entry.sample.image, entry.sha256, run.model_version, run.classes[c])});
  }
  const bool empty = entry.sample.labels.empty();
  entry.status = empty ? "empty" : "done";
  entry.sample.bucket = !sure ? "review" : empty ? "empty" : "accept";
  entry.sample.uncertainty = 1 - (2 * least_sure - 1);
}

}  // namespace

std::vector<double> scores_of(const std::vector<float>& features, size_t views, const Run& run) {
  const auto width = static_cast<int64_t>(features.size() / views);
  const auto rows =
      torch::from_blob(const_cast<float*>(features.data()), {static_cast<int64_t>(views), width})
          .slice(1, 0, run.head.weight.size(1));
  const auto scores =
      probabilities(run.head.logits(rows), run.manifest.link, run.manifest.temperature);
  std::vector<double> mean(run.manifest.classes.size(), 0.0);
  for (const auto& row : scores) {
    for (size_t c = 0; c < mean.size(); ++c) mean[c] += row.at(c) / static_cast<double>(views);
  }
  return mean;
}

LedgerEntry draft(const LoadedImage& image, const std::string& key,
                  const std::vector<double>& scores, const RunManifest& run,
                  const AcceptScores& accept) {
  LedgerEntry entry;
  entry.sample.image = key;
  entry.sample.width = image.width;
  entry.sample.height = image.height;
  entry.orientation = image.orientation;
  entry.sha256 = image.sha256;
  entry.scores = scores;
  run.task == "classify" ? draft_one_class(entry, run, accept) : draft_labels(entry, run, accept);
  return entry;
}

LedgerEntry left_out(const std::string& key, const std::string& reason, const std::string& detail) {
  static const char* const kUnread[] = {"vanished", "permission", "not_regular", "outside_root",
                                        "out_of_memory"};
  LedgerEntry entry;
  entry.sample.image = key;
  entry.reason = reason;
  entry.detail = detail;
  entry.status = std::find(std::begin(kUnread), std::end(kUnread), reason) != std::end(kUnread)
                     ? "failed"
                     : "skipped";
  return entry;
}

}  // namespace preannotate
