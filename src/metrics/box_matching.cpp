#include "box_matching.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

namespace preannotate {
namespace {

/// In double, as COCOeval and unlike core's iou.
double overlap_between(const Box& draft, const TruthBox& truth) {
  const Box& other = truth.box;
  const double width = double{std::min(draft.x2, other.x2)} - double{std::max(draft.x1, other.x1)};
  const double height = double{std::min(draft.y2, other.y2)} - double{std::max(draft.y1, other.y1)};
  if (width <= 0 || height <= 0) return 0;
  const double shared = width * height;
  return shared / (truth.crowd ? area_of(draft) : area_of(draft) + area_of(other) - shared);
}

/// Fills in what was found for the drafts of one category.
void match_category(const DetectionImage& image, int category, double iou, BoxMatch* matches) {
  const auto boxes = boxes_of_category(image, category, std::numeric_limits<size_t>::max());
  const auto found = match_greedily(boxes, boxes.crowd, ignored_last(boxes.crowd), iou);
  for (size_t d = 0; d < found.size(); ++d) {
    BoxMatch& match = matches[boxes.drafts[d]];
    if (found[d] >= 0) {
      const auto t = static_cast<size_t>(found[d]);
      match.iou = boxes.overlap_of(d, t);
      match.ignored = boxes.crowd[t];
      if (!match.ignored) match.truth = boxes.truth[t];
      continue;
    }
    for (size_t t = 0; t < boxes.truth.size(); ++t) {
      match.iou = std::max(match.iou, boxes.overlap_of(d, t));
    }
  }
}

}  // namespace

double area_of(const Box& box) {
  return std::max(0.0, double{box.x2} - double{box.x1}) *
         std::max(0.0, double{box.y2} - double{box.y1});
}

CategoryBoxes boxes_of_category(const DetectionImage& image, int category, size_t most) {
  CategoryBoxes boxes;
  for (size_t d = 0; d < image.drafts.size(); ++d) {
    if (image.drafts[d].category == category) boxes.drafts.push_back(static_cast<int>(d));
  }
  const auto score = [&](int d) { return image.drafts[static_cast<size_t>(d)].score; };
  std::stable_sort(boxes.drafts.begin(), boxes.drafts.end(),
                   [&](int a, int b) { return score(a) > score(b); });
  boxes.drafts.resize(std::min(most, boxes.drafts.size()));
  for (size_t t = 0; t < image.truth.size(); ++t) {
    if (image.truth[t].category != category) continue;
    boxes.truth.push_back(static_cast<int>(t));
    boxes.crowd.push_back(image.truth[t].crowd);
  }
  boxes.overlap.reserve(boxes.drafts.size() * boxes.truth.size());
  for (const int d : boxes.drafts) {
    for (const int t : boxes.truth) {
      boxes.overlap.push_back(overlap_between(image.drafts[static_cast<size_t>(d)].box,
                                              image.truth[static_cast<size_t>(t)]));
    }
  }
  return boxes;
}

std::vector<size_t> ignored_last(const std::vector<char>& ignored) {
  std::vector<size_t> order(ignored.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_partition(order.begin(), order.end(), [&](size_t t) { return !ignored[t]; });
  return order;
}

std::vector<int> match_greedily(const CategoryBoxes& boxes, const std::vector<char>& ignored,
                                const std::vector<size_t>& order, double threshold) {
  std::vector<int> found(boxes.drafts.size(), -1);
  std::vector<char> taken(boxes.truth.size(), 0);
  for (size_t d = 0; d < found.size(); ++d) {
    double best = std::min(threshold, 1 - 1e-10);
    int& match = found[d];
    for (const size_t t : order) {
      if (taken[t] && !boxes.crowd[t]) continue;
      if (match >= 0 && ignored[t] && !ignored[static_cast<size_t>(match)]) break;
      if (boxes.overlap_of(d, t) < best) continue;  // of equal overlaps the last, as COCOeval
      best = boxes.overlap_of(d, t);
      match = static_cast<int>(t);
    }
    if (match >= 0) taken[static_cast<size_t>(match)] = 1;
  }
  return found;
}

std::vector<BoxMatch> match_boxes(const std::vector<DetectionImage>& images, double iou) {
  std::vector<BoxMatch> matches;
  for (size_t i = 0; i < images.size(); ++i) {
    const size_t first = matches.size();
    std::set<int> categories;
    for (size_t d = 0; d < images[i].drafts.size(); ++d) {
      BoxMatch match;
      match.image = static_cast<int>(i);
      match.draft = static_cast<int>(d);
      matches.push_back(match);
      categories.insert(images[i].drafts[d].category);
    }
    for (const int category : categories) {
      match_category(images[i], category, iou, matches.data() + first);
    }
  }
  return matches;
}

}  // namespace preannotate
