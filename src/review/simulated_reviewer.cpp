#include "preannotate/review/simulated_reviewer.h"

#include <numeric>
#include <optional>

#include "preannotate/core/error.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

constexpr double kNoisyWrong = 0.048, kHardShare = 0.008, kHardWrong = 0.6;

/// A share from 0 to 1; nullopt for anything else.
std::optional<double> share_of(const std::string& text) {
  try {
    size_t used = 0;
    const double value = std::stod(text, &used);
    if (used == text.size() && value >= 0 && value <= 1) return value;
  } catch (const std::exception&) {
  }
  return std::nullopt;
}

}  // namespace

ReviewerKind reviewer_named(std::string_view name) {
  ReviewerKind kind{std::string(name)};
  if (name == "oracle") return kind;
  if (name == "noisy") {
    kind.wrong_choices = kNoisyWrong;
    return kind;
  }
  if (name == "biased") kind.name = "biased:0.3";
  if (kind.name.starts_with("biased:")) {
    if (const auto share = share_of(kind.name.substr(7))) {
      kind.passes = *share;
      return kind;
    }
  }
  throw UserError(kUsageError, "--reviewer ", printable(name),
                  ": expected oracle, noisy, biased or biased:SHARE with a share from 0 to 1");
}

SimulatedReviewer::SimulatedReviewer(ReviewerKind kind, std::vector<int> truth,
                                     std::vector<std::vector<double>> confusions,
                                     std::uint64_t seed)
    : kind_(std::move(kind)),
      truth_(std::move(truth)),
      confusions_(std::move(confusions)),
      random_(seed) {
  for (size_t c = 0; c < confusions_.size(); ++c) {
    auto& row = confusions_[c];
    row[c] = 0;
    if (std::accumulate(row.begin(), row.end(), 0.0) > 0) continue;
    row.assign(row.size(), 1);
    row[c] = 0;
  }
  for (size_t i = 0; i < truth_.size(); ++i) {
    hard_.push_back(kind_.wrong_choices > 0 && random_.uniform() < kHardShare);
  }
}

int SimulatedReviewer::perceives(size_t image) {
  const int truth = truth_.at(image);
  const double elsewhere = (kind_.wrong_choices - kHardShare * kHardWrong) / (1 - kHardShare);
  const double wrong = hard_[image] ? kHardWrong : elsewhere;
  const auto& row = confusions_[static_cast<size_t>(truth)];
  if (row.size() < 2 || !(random_.uniform() < wrong)) return truth;
  double left = random_.uniform() * std::accumulate(row.begin(), row.end(), 0.0);
  int last = truth;
  for (size_t c = 0; c < row.size(); ++c) {
    if (row[c] <= 0) continue;
    last = static_cast<int>(c);
    left -= row[c];
    if (left < 0) break;
  }
  return last;
}

int SimulatedReviewer::chooses(size_t image) {
  return perceives(image);
}

bool SimulatedReviewer::accepts(size_t image, int draft) {
  if (draft == truth_.at(image)) return true;
  return random_.uniform() < kind_.passes || perceives(image) == draft;
}

int SimulatedReviewer::corrects(size_t image, int rejected) {
  const int seen = perceives(image);
  return seen == rejected ? truth_.at(image) : seen;
}

}  // namespace preannotate
