#include "training_set.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "data_hash.h"
#include "detector_data.h"
#include "learned.h"
#include "preannotate/core/error.h"
#include "preannotate/core/hash.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/data/answer_log.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

/// One image that may be trained on.
struct Candidate {
  Sample sample;
  fs::path path;
  std::string sha256, at;
  const char* kind = "seed";
  double trust = 1;
  bool reviewed = false, rejected = false;
};

std::string label_text(const Label& label, const std::vector<std::string>& categories) {
  std::string text = "\t" + categories[static_cast<size_t>(label.category)];
  if (!label.box) return text;
  char place[96];
  std::snprintf(place, sizeof place, " %.2f %.2f %.2f %.2f%s", label.box->x1, label.box->y1,
                label.box->x2, label.box->y2, label.crowd ? " crowd" : "");
  return text + place;
}

std::string digest_of(const std::vector<Candidate>& all,
                      const std::vector<std::string>& categories) {
  std::vector<std::string> lines;
  for (const auto& one : all) {
    std::vector<std::string> labels;
    for (const Label& label : one.sample.labels) labels.push_back(label_text(label, categories));
    std::sort(labels.begin(), labels.end());
    std::string line = one.sha256 + "\t" + one.kind;
    for (const auto& label : labels) line += label;
    lines.push_back(line + "\n");
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const auto& line : lines) text += line;
  return sha256(text);
}

std::vector<int> classes_of(const Sample& sample) {
  std::set<int> classes;
  for (const Label& label : sample.labels) classes.insert(label.category);
  return {classes.begin(), classes.end()};
}

class Assembly {
 public:
  Assembly(const Run& parent, const std::unordered_set<std::string>& gold)
      : parent_(parent), gold_(gold), learned_(read_learned(parent.folder)) {
    set_.seed.task = parent.manifest.task;
    categories_ = parent.manifest.classes;
  }

  void add_seed(const Seed& seed) {
    const auto numbers = numbers_in(categories_, seed.dataset.categories);
    const auto hashes = hashes_of(seed.dataset);
    std::vector<size_t> readable;
    std::vector<std::string> sha256;
    for (size_t i = 0; i < hashes.size(); ++i) {
      if (hashes[i].empty()) {
        set_.left_out.push_back({seed.dataset.samples[i].image, "unreadable", "cannot be read"});
        continue;
      }
      readable.push_back(i);
      sha256.push_back(hashes[i]);
      Candidate one;
      one.sample = seed.dataset.samples[i];
      one.path = image_file(seed.dataset, seed.dataset.samples[i]);
      for (Label& label : one.sample.labels) label.category = numbers[label.category];
      one.sha256 = hashes[i];
      take(std::move(one));
    }
    set_.seed_changed = hash_of(seed, readable, sha256) != data_sha256();
    set_.seed.dataset.several_classes = seed.dataset.several_classes;
    set_.seed.dataset.problems = seed.dataset.problems;
  }

  void add_answers(const ReviewedImages& reviewed) {
    const auto numbers = numbers_in(categories_, reviewed.categories);
    set_.left_out.insert(set_.left_out.end(), reviewed.left_out.begin(), reviewed.left_out.end());
    std::map<std::string, Candidate> newest;  // by content
    for (const ReviewedImage& image : reviewed.images) {
      std::string found;
      try {
        found = sha256_of_file(image.path);
      } catch (const UserError&) {
        set_.left_out.push_back({image.image, "image_missing", "it cannot be read any more"});
        continue;
      }
      if (found != image.sha256) {
        set_.left_out.push_back({image.image, "image_changed", "it is not what was answered"});
        continue;
      }
      Candidate one = candidate(image, numbers);
      const auto [at, first] = newest.try_emplace(found, one);
      if (first) continue;
      ++copies_;
      if (one.at > at->second.at) at->second = std::move(one);
    }
    for (auto& [content, one] : newest) take_answer(std::move(one));
  }

  TrainingSet finish() {
    std::sort(taken_.begin(), taken_.end(), [](const Candidate& a, const Candidate& b) {
      return a.sample.image < b.sample.image;
    });
    if (taken_.empty()) {
      throw UserError(kBadInput, "there is nothing to learn from: no seed, and no answer stands");
    }
    Dataset& dataset = set_.seed.dataset;
    dataset.categories = categories_;
    const bool rejects =
        std::any_of(taken_.begin(), taken_.end(), [](const auto& one) { return one.rejected; });
    const bool doubts =
        std::any_of(taken_.begin(), taken_.end(), [](const auto& one) { return one.trust < 1; });
    for (const Candidate& one : taken_) {
      dataset.samples.push_back(one.sample);
      dataset.elsewhere[one.sample.image] = one.path;
      set_.seed.labels.push_back(classes_of(one.sample));
      if (doubts) set_.seed.trust.push_back(one.trust);
      if (rejects) set_.seed.rejected.push_back(one.rejected);
      set_.sha256.push_back(one.sha256);
      set_.reviewed.push_back(one.reviewed);
      // A run that does not say it may have learned from all of its seed.
      set_.known.push_back(learned_ ? learned_->contains(one.sha256) : !one.reviewed);
      set_.answers += one.reviewed;
    }
    set_.digest = digest_of(taken_, categories_);
    set_.counts = counts();
    return std::move(set_);
  }

 private:
  Candidate candidate(const ReviewedImage& image, const std::vector<int>& numbers) const {
    Candidate one;
    one.sample.image = image.folder + "/" + image.image;
    one.sample.width = image.width;
    one.sample.height = image.height;
    one.sample.labels = image.labels;
    for (Label& label : one.sample.labels) {
      label = {numbers[label.category], {}, label.box, "", label.crowd, label.area, ""};
    }
    one.path = image.path;
    one.sha256 = image.sha256;
    one.at = image.at;
    one.kind = answer_kind_name(image.kind);
    one.trust = image.trust;
    one.reviewed = true;
    one.rejected = image.kind == AnswerKind::kRejected;
    return one;
  }

  void take(Candidate one) {
    if (gold_.contains(one.sha256)) {
      ++of_gold_;
      return;
    }
    places_[one.sha256].push_back(taken_.size());
    names_.insert(one.sample.image);
    taken_.push_back(std::move(one));
  }

  /// In place of the seed's label of the same content, unless somebody merely accepted a draft.
  void take_answer(Candidate one) {
    const auto seeded = places_.find(one.sha256);
    if (seeded == places_.end()) {
      while (names_.contains(one.sample.image)) one.sample.image = "reviewed/" + one.sample.image;
      return take(std::move(one));
    }
    ++copies_;
    if (std::string(one.kind) == answer_kind_name(AnswerKind::kAccepted)) return;
    Candidate& first = taken_[seeded->second.front()];
    one.sample.image = first.sample.image;
    one.path = first.path;
    for (size_t i = 1; i < seeded->second.size(); ++i) {
      Candidate copy = one;
      copy.sample.image = taken_[seeded->second[i]].sample.image;
      copy.path = taken_[seeded->second[i]].path;
      taken_[seeded->second[i]] = std::move(copy);
    }
    first = std::move(one);
  }

  std::string data_sha256() const {
    const Json& data = parent_.manifest.data;
    return data.contains("sha256") && data["sha256"].is_string() ? data["sha256"].get<std::string>()
                                                                 : "";
  }

  std::string hash_of(const Seed& seed, const std::vector<size_t>& samples,
                      const std::vector<std::string>& sha256) const {
    if (seed.task != "detect") return hash_of_classes(seed, samples, sha256);
    std::vector<std::vector<TruthBox>> boxes;
    for (const size_t sample : samples) boxes.push_back(truth_boxes(seed.dataset.samples[sample]));
    return hash_of_boxes(sha256, boxes, seed.dataset.categories);
  }

  Json counts() const {
    std::map<std::string, long> images{
        {"seed", 0}, {"blind", 0}, {"edited", 0}, {"accepted", 0}, {"rejected", 0}};
    for (const auto& one : taken_) ++images[one.kind];
    return {{"sha256", set_.digest},      {"images", taken_.size()},
            {"by_kind", images},          {"of_gold_left_out", of_gold_},
            {"copies_left_out", copies_}, {"answers_left_out", set_.left_out.size()}};
  }

  const Run& parent_;
  const std::unordered_set<std::string>& gold_;
  const std::optional<std::unordered_set<std::string>> learned_;
  TrainingSet set_;
  std::vector<std::string> categories_;
  std::vector<Candidate> taken_;
  std::map<std::string, std::vector<size_t>> places_;  // in taken_, by content
  std::set<std::string> names_;
  long of_gold_ = 0, copies_ = 0;
};

}  // namespace

std::vector<std::string> hashes_of(const Dataset& dataset) {
  std::vector<std::string> hashes;
  for (const auto& sample : dataset.samples) {
    try {
      hashes.push_back(sha256_of_file(image_file(dataset, sample)));
    } catch (const UserError&) {
      hashes.emplace_back();
    }
  }
  return hashes;
}

TrainingSet training_set(const Seed* seed, const ReviewedImages& reviewed, const Run& parent,
                         const std::unordered_set<std::string>& gold) {
  Assembly assembly(parent, gold);
  if (seed) assembly.add_seed(*seed);
  assembly.add_answers(reviewed);
  return assembly.finish();
}

}  // namespace preannotate
