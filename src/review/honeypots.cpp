#include "honeypots.h"

#include <algorithm>
#include <optional>

namespace preannotate {

namespace {

bool has(const std::vector<Label>& labels, int category) {
  return std::any_of(labels.begin(), labels.end(),
                     [&](const Label& label) { return label.category == category; });
}

/// The most probable class that is not there; -1 when all are.
int confusable(const LedgerEntry& entry, const std::vector<Label>& truth) {
  int best = -1;
  for (size_t c = 0; c < entry.scores.size(); ++c) {
    if (has(truth, static_cast<int>(c))) continue;
    if (best < 0 || entry.scores[c] > entry.scores[static_cast<size_t>(best)])
      best = static_cast<int>(c);
  }
  return best;
}

/// What a reviewer would see of a draft: it looks as sure as the model was.
Label shown(const LedgerEntry& entry, const std::string& model_version, int category,
            std::optional<Box> box, const std::string& object) {
  double score = 0;
  for (const Label& label : entry.sample.labels) score = std::max(score, label.score.value_or(0));
  if (score == 0 && !entry.scores.empty())
    score = *std::max_element(entry.scores.begin(), entry.scores.end());
  return {category, score, box, draft_id(entry.sample.image, entry.sha256, model_version, object)};
}

/// Shifted sideways by a third of its width: IoU (2/3) / (4/3) = 0.5.
Box shifted(const Box& box, int image_width) {
  const float by = (box.x2 - box.x1) / 3;
  const bool room = box.x2 + by <= static_cast<float>(image_width);
  Box moved = box;
  moved.x1 += room ? by : -by;
  moved.x2 += room ? by : -by;
  return moved;
}

/// `truth` as drafts with something wrong; empty when it cannot be made.
std::vector<Label> made_wrong(const DraftSet& drafts, const LedgerEntry& entry,
                              const std::vector<Label>& truth, Random& random) {
  std::vector<Label> labels;
  if (drafts.task == "detect") {
    if (truth.empty()) return {};
    const size_t victim = random.below(truth.size());
    for (size_t i = 0; i < truth.size(); ++i) {
      const Box box = i == victim ? shifted(*truth[i].box, entry.sample.width) : *truth[i].box;
      labels.push_back(shown(entry, drafts.model_version, truth[i].category, box,
                             "planted " + std::to_string(i)));
    }
    return labels;
  }
  const int wrong = confusable(entry, truth);
  if (wrong < 0) return {};
  if (drafts.task == "classify") return {shown(entry, drafts.model_version, wrong, {}, "class")};
  const auto named = [&](int category) {
    return shown(entry, drafts.model_version, category, {},
                 drafts.categories[static_cast<size_t>(category)]);
  };
  for (const Label& label : truth) labels.push_back(named(label.category));
  labels.push_back(named(wrong));
  return labels;
}

/// Truth in classes that the drafts know, and no crowds, which no draft can be.
bool usable(const std::vector<Label>& truth, size_t categories) {
  return std::none_of(truth.begin(), truth.end(), [&](const Label& label) {
    return label.crowd || static_cast<size_t>(label.category) >= categories;
  });
}

}  // namespace

std::vector<Honeypot> plant_honeypots(const DraftSet& drafts, const Answers& gold, size_t wrong,
                                      size_t right, double iou, Random& random) {
  std::vector<Honeypot> were_wrong, were_right;
  for (const auto& [image, truth] : gold.labels) {
    if (!usable(truth, drafts.categories.size())) continue;
    const LedgerEntry& entry = drafts.drafted(drafts.at.at(image));
    const auto& labels = entry.sample.labels;
    const bool fine = needs_no_edit(labels, truth, drafts.task, iou);
    (fine ? were_right : were_wrong).push_back({image, fine, labels, truth});
  }
  random.shuffle(were_wrong);
  random.shuffle(were_right);
  std::vector<Honeypot> planted;
  while (planted.size() < right && !were_right.empty()) {
    planted.push_back(std::move(were_right.back()));
    were_right.pop_back();
  }
  if (were_wrong.size() > wrong) were_wrong.resize(wrong);
  size_t missing = wrong - were_wrong.size();
  planted.insert(planted.end(), were_wrong.begin(), were_wrong.end());
  for (; missing > 0 && !were_right.empty(); were_right.pop_back()) {
    Honeypot& honeypot = were_right.back();
    const LedgerEntry& entry = drafts.drafted(drafts.at.at(honeypot.image));
    honeypot.labels = made_wrong(drafts, entry, honeypot.truth, random);
    honeypot.right = false;
    if (honeypot.labels.empty()) continue;
    planted.push_back(honeypot);
    --missing;
  }
  random.shuffle(planted);
  return planted;
}

}  // namespace preannotate
