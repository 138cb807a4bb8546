#include "correction_scene.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace preannotate {
namespace {

constexpr float kWellPlaced = 0.7f, kBadlyPlaced = 0.5f;

/// At least half of the draft lies on a crowd of its category, COCOeval's rule at IoU 0.5.
bool lies_on_crowd(const DraftBox& draft, const std::vector<TruthBox>& truth) {
  return std::any_of(truth.begin(), truth.end(), [&](const TruthBox& crowd) {
    if (!crowd.crowd || crowd.category != draft.category) return false;
    const Box &a = draft.box, &b = crowd.box;
    const Box shared{std::max(a.x1, b.x1), std::max(a.y1, b.y1), std::min(a.x2, b.x2),
                     std::min(a.y2, b.y2)};
    return a.area() > 0 && shared.area() >= kBadlyPlaced * a.area();
  });
}

}  // namespace

CorrectionScene::CorrectionScene(const DetectionImage& image) {
  for (const auto& truth : image.truth) {
    if (!truth.crowd) objects_.push_back(truth.category);
  }
  for (const auto& drafted : image.drafts) {
    if (drafted.outshone) continue;
    Draft draft{drafted.score, drafted.category, lies_on_crowd(drafted, image.truth), {}};
    size_t object = 0;
    for (const auto& truth : image.truth) {
      if (truth.crowd) continue;
      const float overlap = iou(drafted.box, truth.box);
      const bool same = truth.category == drafted.category;
      if (overlap >= kBadlyPlaced) draft.near.push_back({object, overlap, same});
      ++object;
    }
    drafts_.push_back(draft);
  }
  std::stable_sort(drafts_.begin(), drafts_.end(),
                   [](const Draft& a, const Draft& b) { return a.score > b.score; });
}

bool CorrectionScene::fits(const Near& near, Fit fit) {
  if (fit == Fit::kSwapped) return !near.same && near.iou >= kWellPlaced;
  return near.same && (fit == Fit::kBadlyPlaced || near.iou >= kWellPlaced);
}

/// Each draft that is shown and still free takes the nearest free object that fits.
long CorrectionScene::take(Fit fit, const std::vector<double>& thresholds,
                           std::vector<char>& object_taken, std::vector<char>& draft_taken) const {
  long taken = 0;
  for (size_t d = 0; d < drafts_.size(); ++d) {
    const Draft& draft = drafts_[d];
    if (draft_taken[d] || draft.score < thresholds[static_cast<size_t>(draft.category)]) continue;
    const Near* nearest = nullptr;
    for (const Near& near : draft.near) {
      if (object_taken[near.object] || !fits(near, fit)) continue;
      if (!nearest || near.iou > nearest->iou) nearest = &near;
    }
    if (!nearest) continue;
    object_taken[nearest->object] = draft_taken[d] = 1;
    ++taken;
  }
  return taken;
}

CorrectionEffort CorrectionScene::correct(const std::vector<double>& thresholds) const {
  std::vector<char> object_taken(objects_.size(), 0), draft_taken(drafts_.size(), 0);
  CorrectionEffort effort;
  effort.images = 1;
  effort.objects = static_cast<long>(objects_.size());
  effort.right = take(Fit::kRight, thresholds, object_taken, draft_taken);
  effort.badly_placed = take(Fit::kBadlyPlaced, thresholds, object_taken, draft_taken);
  effort.swapped = take(Fit::kSwapped, thresholds, object_taken, draft_taken);
  for (size_t d = 0; d < drafts_.size(); ++d) {
    assert(static_cast<size_t>(drafts_[d].category) < thresholds.size());
    const bool shown = drafts_[d].score >= thresholds[static_cast<size_t>(drafts_[d].category)];
    effort.false_boxes += shown && !draft_taken[d] && !drafts_[d].on_crowd;
  }
  const long found = effort.right + effort.badly_placed + effort.swapped;
  effort.shown = found + effort.false_boxes;
  effort.missed = effort.objects - found;
  return effort;
}

std::vector<CorrectionEffort> CorrectionScene::correct_by_category(
    const std::vector<double>& thresholds) const {
  std::vector<CorrectionEffort> efforts(thresholds.size());
  const auto of = [&](int category) -> CorrectionEffort& {
    return efforts[static_cast<size_t>(category)];
  };
  std::vector<char> object_taken(objects_.size(), 0), draft_taken(drafts_.size(), 0);
  const std::pair<Fit, long CorrectionEffort::*> fits[]{
      {Fit::kRight, &CorrectionEffort::right},
      {Fit::kBadlyPlaced, &CorrectionEffort::badly_placed},
      {Fit::kSwapped, &CorrectionEffort::swapped}};
  for (const auto& [fit, count] : fits) {
    const auto before = object_taken;
    take(fit, thresholds, object_taken, draft_taken);
    for (size_t o = 0; o < objects_.size(); ++o) {
      of(objects_[o]).*count += object_taken[o] - before[o];
    }
  }
  for (size_t o = 0; o < objects_.size(); ++o) {
    ++of(objects_[o]).objects;
    of(objects_[o]).missed += !object_taken[o];
  }
  for (size_t d = 0; d < drafts_.size(); ++d) {
    auto& effort = of(drafts_[d].category);
    const bool shown = drafts_[d].score >= thresholds[static_cast<size_t>(drafts_[d].category)];
    const bool wrong = shown && !draft_taken[d] && !drafts_[d].on_crowd;
    effort.shown += draft_taken[d] || wrong;
    effort.false_boxes += wrong;
  }
  for (auto& effort : efforts) effort.images = 1;
  return efforts;
}

std::vector<double> CorrectionScene::scores(int category) const {
  std::vector<double> scores;
  for (const auto& draft : drafts_) {
    if (category >= 0 && draft.category != category) continue;
    if (scores.empty() || scores.back() != draft.score) scores.push_back(draft.score);
  }
  return scores;
}

}  // namespace preannotate
