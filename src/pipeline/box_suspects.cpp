#include "box_suspects.h"

#include <algorithm>
#include <tuple>

#include "class_suspects.h"
#include "preannotate/quality/near_duplicates.h"

namespace preannotate {

namespace {

constexpr double kWorthALook = 0.5;  // a score below this is listed although it is not flagged

/// The suspects of one image.
class ImageSuspects {
 public:
  ImageSuspects(const Dataset& dataset, size_t sample, const DetectionImage& image,
                const BoxIssueScores& scores, const std::vector<double>& thresholds,
                std::vector<Suspect>& found)
      : dataset_(dataset),
        sample_(sample),
        image_(image),
        scores_(scores),
        thresholds_(thresholds),
        found_(found) {}

  void add_overlooked() const {
    for (size_t d = 0; d < image_.drafts.size(); ++d) {
      const auto& draft = image_.drafts[d];
      if (auto* suspect = add("overlooked", draft.category, scores_.overlooked[d])) {
        suspect->suggestion = name(draft.category);
        suspect->suggested_box = draft.box;
        suspect->confidence = draft.score;
      }
    }
  }

  void add_labels() const {
    for (size_t t = 0; t < image_.truth.size(); ++t) {
      const auto& truth = image_.truth[t];
      if (truth.crowd) continue;
      add_label("badly_located", truth, scores_.badly_located[t], scores_.located_by[t]);
      add_label("swapped", truth, scores_.swapped[t], scores_.swapped_by[t]);
    }
  }

 private:
  const std::string& name(int category) const {
    return dataset_.categories[static_cast<size_t>(category)];
  }

  /// nullptr where the score is not worth a look.
  Suspect* add(const char* kind, int category, double score) const {
    const bool flagged = score <= thresholds_[static_cast<size_t>(category)];
    if (!flagged && score >= kWorthALook) return nullptr;
    Suspect suspect{.kind = kind, .sample = sample_};
    suspect.score = score;
    suspect.flagged = flagged;
    found_.push_back(std::move(suspect));
    return &found_.back();
  }

  void add_label(const char* kind, const TruthBox& truth, double score, int by) const {
    auto* suspect = add(kind, truth.category, score);
    if (!suspect) return;
    suspect->label = name(truth.category);
    suspect->box = truth.box;
    if (by < 0) return;  // two labels at one place
    const auto& draft = image_.drafts[static_cast<size_t>(by)];
    suspect->suggestion = name(draft.category);
    suspect->suggested_box = draft.box;
    suspect->confidence = draft.score;
  }

  const Dataset& dataset_;
  const size_t sample_;
  const DetectionImage& image_;
  const BoxIssueScores& scores_;
  const std::vector<double>& thresholds_;
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
  const auto thresholds = box_flag_thresholds(boxes, static_cast<int>(dataset.categories.size()));
  std::vector<Suspect> found;
  for (size_t i = 0; i < samples.size(); ++i) {
    const ImageSuspects image(dataset, samples[i], boxes[i], scores[i], thresholds, found);
    image.add_overlooked();
    image.add_labels();
  }
  add_duplicates(samples, sha256, boxes, found);
  sort_suspects(found);
  return found;
}

}  // namespace preannotate
