#include "box_acceptance.h"

#include "box_drafting.h"
#include "shown_boxes.h"

namespace preannotate {
namespace {

// IoU from which a box counts as right, as where scores are calibrated.
constexpr double kRightIou = 0.5;

std::vector<JudgedDraft> drafts_of(const std::vector<DetectionImage>& images,
                                   const std::vector<double>& conf) {
  const auto shown = shown_boxes(images, conf);
  std::vector<JudgedDraft> drafts;
  for (const auto& match : match_boxes(shown, kRightIou)) {
    if (match.ignored) continue;
    const auto& box =
        shown[static_cast<size_t>(match.image)].drafts[static_cast<size_t>(match.draft)];
    drafts.push_back({box.category, box.score, match.truth >= 0, match.image});
  }
  return drafts;
}

/// A box that is not shown yet likely.
bool asks_for_a_look(const DetectionImage& image, const std::vector<double>& conf) {
  for (const auto& box : image.drafts) {
    const bool shown = box.score >= conf[static_cast<size_t>(box.category)] && !box.outshone;
    if (!shown && box.score >= kUnlikelyBox) return true;
  }
  return false;
}

}  // namespace

Acceptance box_acceptance(const std::vector<DetectionImage>& images,
                          const std::vector<double>& conf, double precision, std::uint64_t seed) {
  return accept_for_precision(drafts_of(images, conf), static_cast<int>(conf.size()), precision,
                              seed);
}

ReviewTime box_review_time(const std::vector<DetectionImage>& images,
                           const std::vector<double>& conf, const BoxCost& cost,
                           const Acceptance& acceptance) {
  const auto drafts = drafts_of(images, conf);
  std::vector<bool> seen(images.size());
  for (size_t i = 0; i < drafts.size(); ++i) {
    if (!acceptance.taken[i]) seen[static_cast<size_t>(drafts[i].image)] = true;
  }
  ReviewTime time;
  for (size_t i = 0; i < images.size(); ++i) {
    const auto effort = correction_effort({images[i]}, conf, cost);
    const bool unseen = !seen[i] && !asks_for_a_look(images[i], conf);
    ++time.images;
    time.unseen += unseen;
    time.by_hand += effort.seconds_manual;
    time.review_all += effort.seconds;
    time.review_rest += unseen ? 0 : effort.seconds;
  }
  return time;
}

}  // namespace preannotate
