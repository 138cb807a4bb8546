#include "preannotate/quality/human_cost.h"

#include <algorithm>

#include "correction_scene.h"

namespace preannotate {
namespace {

constexpr int kAllCategories = -1;

std::vector<CorrectionScene> scenes_of(const std::vector<DetectionImage>& images) {
  return {images.begin(), images.end()};
}

void add(CorrectionEffort& sum, const CorrectionEffort& more, long sign = 1) {
  for (const auto count :
       {&CorrectionEffort::images, &CorrectionEffort::objects, &CorrectionEffort::shown,
        &CorrectionEffort::right, &CorrectionEffort::badly_placed, &CorrectionEffort::swapped,
        &CorrectionEffort::false_boxes, &CorrectionEffort::missed}) {
    sum.*count += sign * (more.*count);
  }
}

/// Seconds from the counts. A missed object is drawn and named, as every one is by hand, so that
/// showing nothing costs what drawing everything does.
CorrectionEffort with_seconds(CorrectionEffort effort, const BoxCost& cost) {
  const auto times = [](long count, double seconds) {
    return static_cast<double>(count) * seconds;
  };
  const double draw = cost.draw + cost.reclass;
  const double opened = times(effort.images, cost.load + cost.scan);
  effort.seconds = opened + times(effort.shown, cost.verify) +
                   times(effort.false_boxes, cost.remove) +
                   times(effort.badly_placed, cost.adjust) + times(effort.swapped, cost.reclass) +
                   times(effort.missed, draw);
  effort.seconds_manual = opened + times(effort.objects, draw);
  return effort;
}

CorrectionEffort total_effort(const std::vector<CorrectionScene>& scenes,
                              const std::vector<double>& thresholds, const BoxCost& cost) {
  CorrectionEffort total;
  for (const auto& scene : scenes) add(total, scene.correct(thresholds));
  return with_seconds(total, cost);
}

/// The thresholds with that of one category, or all, replaced.
std::vector<double> moved_to(std::vector<double> thresholds, int category, double threshold) {
  for (size_t c = 0; c < thresholds.size(); ++c) {
    if (category == kAllCategories || static_cast<int>(c) == category) thresholds[c] = threshold;
  }
  return thresholds;
}

/// How the counts change where the threshold reaches a score.
struct Change {
  double score;
  CorrectionEffort by;
};

/// Seconds when drafts from a score on are shown, and all lower thresholds down to the next point.
struct Point {
  double score, seconds;
};

/// The middle of the thresholds about the cheapest whose seconds exceed it by at most `slack`;
/// points from the highest score on, the first of which shows nothing and is kept when it is best.
double middle_of_cheapest(const std::vector<Point>& points, double slack) {
  const auto best =
      std::min_element(points.begin(), points.end(),
                       [](const Point& a, const Point& b) { return a.seconds < b.seconds; });
  if (best == points.begin()) return best->score;
  const auto alike = [&](const Point& point) { return point.seconds <= best->seconds + slack; };
  auto first = best, last = best;
  while (first - 1 != points.begin() && alike(*(first - 1))) --first;
  while (last + 1 != points.end() && alike(*(last + 1))) ++last;
  const double below = last + 1 == points.end() ? last->score : (last + 1)->score;
  return (first->score + below) / 2;
}

/// The best threshold when that of one category, or all, is moved. An image changes only at the
/// scores of its own drafts, so each is corrected once a score of its own and the changes are
/// summed from the highest on.
double cheapest(const std::vector<CorrectionScene>& scenes, const std::vector<double>& thresholds,
                int category, const BoxCost& cost) {
  constexpr double nothing = 2;  // above every score
  CorrectionEffort total;
  std::vector<Change> changes;
  for (const auto& scene : scenes) {
    auto before = scene.correct(moved_to(thresholds, category, nothing));
    add(total, before);
    for (const double score : scene.scores(category)) {
      const auto after = scene.correct(moved_to(thresholds, category, score));
      changes.push_back({score, after});
      add(changes.back().by, before, -1);
      before = after;
    }
  }
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.score > b.score; });
  size_t next = 0;
  const auto seconds_at = [&](double threshold) {
    for (; next < changes.size() && changes[next].score >= threshold; ++next) {
      add(total, changes[next].by);
    }
    return with_seconds(total, cost).seconds;
  };
  std::vector<Point> points{{1, seconds_at(1)}};
  while (next < changes.size()) {
    const double threshold = changes[next].score;
    points.push_back({threshold, seconds_at(threshold)});
  }
  return middle_of_cheapest(points, cost.verify + cost.remove);
}

std::vector<long> objects_by_category(const std::vector<DetectionImage>& images, int classes) {
  std::vector<long> objects(static_cast<size_t>(classes), 0);
  for (const auto& image : images) {
    for (const auto& truth : image.truth) {
      objects[static_cast<size_t>(truth.category)] += !truth.crowd;
    }
  }
  return objects;
}

}  // namespace

CorrectionEffort correction_effort(const std::vector<DetectionImage>& images,
                                   const std::vector<double>& thresholds, const BoxCost& cost) {
  return total_effort(scenes_of(images), thresholds, cost);
}

std::vector<CorrectionEffort> correction_effort_by_category(
    const std::vector<DetectionImage>& images, const std::vector<double>& thresholds) {
  std::vector<CorrectionEffort> total(thresholds.size());
  for (const auto& image : images) {
    const auto efforts = CorrectionScene(image).correct_by_category(thresholds);
    for (size_t c = 0; c < total.size(); ++c) add(total[c], efforts[c]);
  }
  return total;
}

std::vector<EffortPoint> effort_curve(const std::vector<DetectionImage>& images, int classes,
                                      const BoxCost& cost, int points) {
  const auto scenes = scenes_of(images);
  std::vector<EffortPoint> curve;
  for (int i = 1; i <= points; ++i) {
    const double threshold = static_cast<double>(i) / points;
    const std::vector<double> thresholds(static_cast<size_t>(classes), threshold);
    curve.push_back({threshold, total_effort(scenes, thresholds, cost)});
  }
  return curve;
}

double cheapest_threshold(const std::vector<DetectionImage>& images, int classes,
                          const BoxCost& cost) {
  const std::vector<double> any(static_cast<size_t>(classes), 1);
  return cheapest(scenes_of(images), any, kAllCategories, cost);
}

std::vector<double> cheapest_thresholds(const std::vector<DetectionImage>& images, int classes,
                                        const BoxCost& cost, long least) {
  const auto scenes = scenes_of(images);
  std::vector<double> thresholds(static_cast<size_t>(classes), 1);
  const double common = cheapest(scenes, thresholds, kAllCategories, cost);
  thresholds.assign(thresholds.size(), common);
  const auto objects = objects_by_category(images, classes);
  for (int c = 0; c < classes; ++c) {
    if (objects[static_cast<size_t>(c)] < least) continue;
    thresholds[static_cast<size_t>(c)] = cheapest(scenes, thresholds, c, cost);
  }
  return thresholds;
}

}  // namespace preannotate
