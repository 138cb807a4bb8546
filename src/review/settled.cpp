#include "settled.h"

#include <algorithm>

namespace preannotate {

namespace {

/// Who an answer is from, for people.
std::string by(const Answer& answer) {
  return answer.reviewer.empty() ? answer.via : answer.reviewer;
}

class Settling {
 public:
  Settling(const std::string& resolve, const Likeness& likeness)
      : resolve_(resolve), likeness_(likeness) {}

  /// What `voices` say together of the same thing.
  std::vector<Label> together(const std::vector<Answer>& voices) {
    const Answer& last = voices.back();
    if (resolve_ == "majority" && voices.size() > 1) {
      std::vector<std::vector<Label>> labels;
      for (const Answer& voice : voices) labels.push_back(voice.labels);
      const Merged voted = vote(last.drafts, labels, likeness_);
      if (!voted.conflicts.empty()) result.ask = true;
      note_differences(voices);
      return voted.labels;
    }
    note_differences(voices);
    result.ask = result.ask || (resolve_ == "ask" && !result.conflicts.empty());
    return last.labels;
  }

  void merge_with(const Answer& ours, const Answer& last) {
    const Winner winner = ours.at > last.at ? Winner::kOurs : Winner::kTheirs;
    Merged merged = merge(last.drafts, result.labels, ours.labels, likeness_, winner);
    for (auto& object : merged.conflicts)
      result.conflicts.push_back({last.image, by(ours), by(last), std::move(object)});
    // Two say different things: neither is more than half.
    if (!merged.conflicts.empty() && resolve_ != "latest") result.ask = true;
    result.labels = std::move(merged.labels);
  }

  Settled result;

 private:
  /// Of the last with each before it.
  void note_differences(const std::vector<Answer>& voices) {
    const Answer& last = voices.back();
    for (size_t i = 0; i + 1 < voices.size(); ++i) {
      for (auto& object : differences(voices[i].labels, last.labels, likeness_))
        result.conflicts.push_back({last.image, by(voices[i]), by(last), std::move(object)});
    }
  }

  const std::string& resolve_;
  const Likeness& likeness_;
};

}  // namespace

Settled settled(const std::vector<Answer>& voices, const std::optional<Answer>& ours,
                const std::string& resolve, const Likeness& likeness) {
  Settling settling(resolve, likeness);
  if (ours && voices.back().shown == "blind") {
    auto all = voices;
    const auto later = std::find_if(all.begin(), all.end(),
                                    [&](const Answer& voice) { return voice.at > ours->at; });
    all.insert(later, *ours);
    settling.result.labels = settling.together(all);
    return settling.result;
  }
  settling.result.labels = settling.together(voices);
  if (ours) settling.merge_with(*ours, voices.back());
  return settling.result;
}

}  // namespace preannotate
