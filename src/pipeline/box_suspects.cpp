#include "box_suspects.h"

#include <algorithm>
#include <tuple>

#include "class_suspects.h"
#include "preannotate/quality/near_duplicates.h"

namespace preannotate {

namespace {

// An IoU of about 0.4 and less between a label and the draft of its class, or of 0.6 and more with
// a draft of another class. cleanlab's filter asks for much more, which small detectors do not
// reach.
constexpr double kFlagged = 0.4;
constexpr double kWorthALook = 0.5;  // a score below this is listed although it is not flagged
constexpr float kSamePlace = 0.5f;   // IoU of two drafts of one object

/// The suspects of one image.
class ImageSuspects {
 public:
  ImageSuspects(const Dataset& dataset, size_t sample, const DetectionImage& image,
                const BoxIssueScores& scores, std::vector<Suspect>& found)
      : dataset_(dataset), sample_(sample), image_(image), scores_(scores), found_(found) {}

  /// By the draft's score: ObjectLab's own goes by the distance to the next label.
  void add_overlooked() const {
    std::vector<Box> places;
    for (size_t d = 0; d < image_.drafts.size(); ++d) {
      const auto& draft = image_.drafts[d];
      const auto same = [&](const Box& place) { return iou(place, draft.box) > kSamePlace; };
      if (scores_.overlooked[d] >= 1 || std::any_of(places.begin(), places.end(), same)) continue;
      places.push_back(draft.box);
      Suspect suspect{.kind = "overlooked", .sample = sample_};
      suspect.score = 1 - draft.score;
      suspect.flagged = true;
      suggest(suspect, draft);
      found_.push_back(std::move(suspect));
    }
  }

  void add_labels() const {
    for (size_t t = 0; t < image_.truth.size(); ++t) {
      if (image_.truth[t].crowd) continue;
      const int located = scores_.located_by[t];
      if (located >= 0 && !fits_another(t, draft_at(located))) {
        add_label("badly_located", t, scores_.badly_located[t], located);
      }
      const int swapped = scores_.swapped_by[t];
      if (swapped < 0 || !fits_another(t, draft_at(swapped))) {
        add_label("swapped", t, scores_.swapped[t], swapped);
      }
    }
  }

 private:
  const std::string& name(int category) const {
    return dataset_.categories[static_cast<size_t>(category)];
  }
  const DraftBox& draft_at(int draft) const { return image_.drafts[static_cast<size_t>(draft)]; }

  void suggest(Suspect& suspect, const DraftBox& draft) const {
    suspect.suggestion = name(draft.category);
    suspect.suggested_box = draft.box;
    suspect.confidence = draft.score;
  }

  /// The draft is of a neighbour that this label touches.
  bool fits_another(size_t label, const DraftBox& draft) const {
    const float own = iou(image_.truth[label].box, draft.box);
    return std::any_of(image_.truth.begin(), image_.truth.end(), [&](const TruthBox& other) {
      return other.category == draft.category && iou(other.box, draft.box) > own;
    });
  }

  void add_label(const char* kind, size_t label, double score, int by) const {
    if (score >= kWorthALook) return;
    const auto& truth = image_.truth[label];
    Suspect suspect{.kind = kind, .sample = sample_};
    suspect.score = score;
    suspect.flagged = score <= kFlagged;
    suspect.label = name(truth.category);
    suspect.box = truth.box;
    if (by >= 0) suggest(suspect, draft_at(by));  // else two labels at one place
    found_.push_back(std::move(suspect));
  }

  const Dataset& dataset_;
  const size_t sample_;
  const DetectionImage& image_;
  const BoxIssueScores& scores_;
  std::vector<Suspect>& found_;
};

/// In an order that does not depend on the file's.
std::vector<TruthBox> sorted(std::vector<TruthBox> boxes) {
  std::sort(boxes.begin(), boxes.end(), [](const TruthBox& a, const TruthBox& b) {
    return std::tie(a.category, a.box.x1, a.box.y1, a.box.x2, a.box.y2) <
           std::tie(b.category, b.box.x1, b.box.y1, b.box.x2, b.box.y2);
  });
  return boxes;
}

bool same_boxes(const DetectionImage& a, const DetectionImage& b) {
  const auto first = sorted(a.truth), second = sorted(b.truth);
  return std::equal(first.begin(), first.end(), second.begin(), second.end(),
                    [](const TruthBox& x, const TruthBox& y) {
                      return x.box == y.box && x.category == y.category;
                    });
}

std::string count_words(const DetectionImage& image) {
  const size_t count = image.truth.size();
  return std::to_string(count) + (count == 1 ? " box" : " boxes");
}

void add_duplicates(const std::vector<size_t>& samples, const std::vector<std::string>& sha256,
                    const std::vector<DetectionImage>& boxes, std::vector<Suspect>& found) {
  const std::vector<std::vector<float>> unknown(samples.size());
  for (const auto& pair : near_duplicates(unknown, sha256)) {
    if (same_boxes(boxes[pair.a], boxes[pair.b])) continue;
    Suspect suspect{.kind = "duplicate", .sample = samples[pair.a]};
    suspect.other = samples[pair.b];
    suspect.label = count_words(boxes[pair.a]);
    suspect.suggestion = count_words(boxes[pair.b]);
    suspect.score = 0;
    suspect.flagged = true;
    found.push_back(std::move(suspect));
  }
}

}  // namespace

std::vector<Suspect> box_suspects(const Dataset& dataset, const std::vector<size_t>& samples,
                                  const std::vector<std::string>& sha256,
                                  const std::vector<DetectionImage>& boxes,
                                  const std::vector<BoxIssueScores>& scores) {
  std::vector<Suspect> found;
  for (size_t i = 0; i < samples.size(); ++i) {
    const ImageSuspects image(dataset, samples[i], boxes[i], scores[i], found);
    image.add_overlooked();
    image.add_labels();
  }
  add_duplicates(samples, sha256, boxes, found);
  sort_suspects(found);
  return found;
}

}  // namespace preannotate
