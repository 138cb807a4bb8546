#include "reviewer_trust.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "preannotate/core/error.h"
#include "preannotate/quality/over_acceptance.h"
#include "preannotate/review/answers.h"
#include "preannotate/review/selection.h"

namespace preannotate {

namespace {

constexpr long kLeast = 10;  // planted drafts, or blind answers of a bucket

struct Tally {
  long shown = 0, wrong = 0;
};

/// What is known of one reviewer.
struct Reviewer {
  long accepted = 0, edited = 0;
  Tally planted;                      // wrong ones; `wrong` counts those that were accepted
  std::map<std::string, long> shown;  // drafts by their bucket
};

/// Images whose draft was planted wrong, by selection; none of a selection that is gone.
std::map<std::string, std::set<std::string>> planted_wrong(const ReviewedFolder& folder) {
  std::map<std::string, std::set<std::string>> planted;
  for (const Answer& answer : folder.log.answers) {
    if (answer.shown != "honeypot" || planted.contains(answer.selection)) continue;
    auto& images = planted[answer.selection];
    try {
      const auto selection =
          read_selection(folder.drafts.folder, answer.selection, folder.drafts.categories);
      for (const Honeypot& honeypot : selection.honeypots) {
        if (!honeypot.right) images.insert(honeypot.image);
      }
    } catch (const UserError&) {
      continue;
    }
  }
  return planted;
}

/// The last answer of each reviewer to each honeypot counts.
void add_honeypots(const ReviewedFolder& folder, std::map<std::string, Reviewer>& reviewers) {
  const auto planted = planted_wrong(folder);
  std::map<std::pair<std::string, std::string>, bool> accepted;  // by reviewer and image
  for (const Answer& answer : folder.log.answers) {
    if (answer.shown != "honeypot" || answer.action != "labels") continue;
    if (!planted.at(answer.selection).contains(answer.image)) continue;
    accepted[{answer.reviewer, answer.image}] = is_accepted(answer, folder.drafts.task);
  }
  for (const auto& [who, yes] : accepted) {
    Tally& tally = reviewers[who.first].planted;
    ++tally.shown;
    tally.wrong += yes;
  }
}

/// Blind answers against what had been drafted for the same content, by bucket.
void add_blind(const ReviewedFolder& folder, std::map<std::string, Tally>& blind) {
  for (const auto& [image, answer] : folder.standing) {
    const auto at = folder.drafts.at.find(image);
    if (answer.shown != "blind" || at == folder.drafts.at.end()) continue;
    const LedgerEntry& entry = folder.drafts.drafted(at->second);
    if (entry.sha256 != answer.sha256) continue;
    Answer drafted = answer;
    drafted.drafts = entry.sample.labels;
    Tally& tally = blind[entry.sample.bucket];
    ++tally.shown;
    tally.wrong += !is_accepted(drafted, folder.drafts.task);
  }
}

void add_shown(const ReviewedFolder& folder, std::map<std::string, Reviewer>& reviewers) {
  for (const auto& [image, answer] : folder.standing) {
    if (answer.shown != "draft") continue;
    Reviewer& reviewer = reviewers[answer.reviewer];
    ++(is_accepted(answer, folder.drafts.task) ? reviewer.accepted : reviewer.edited);
    const auto at = folder.drafts.at.find(image);
    ++reviewer
          .shown[at == folder.drafts.at.end() ? ""
                                              : folder.drafts.drafted(at->second).sample.bucket];
  }
}

/// The wrong share of the drafts that a reviewer saw, by what blind answers say of their buckets.
std::optional<double> expected_error(const Reviewer& reviewer,
                                     const std::map<std::string, Tally>& blind) {
  double wrong = 0, all = 0;
  for (const auto& [bucket, count] : reviewer.shown) {
    const auto found = blind.find(bucket);
    if (found == blind.end() || found->second.shown < kLeast) return std::nullopt;
    const auto n = static_cast<double>(count);
    wrong +=
        n * static_cast<double>(found->second.wrong) / static_cast<double>(found->second.shown);
    all += n;
  }
  if (all <= 0 || wrong <= 0) return std::nullopt;
  return wrong / all;
}

ReviewerTrust trust_of(const std::string& name, const Reviewer& reviewer,
                       const std::map<std::string, Tally>& blind) {
  ReviewerTrust trust;
  trust.reviewer = name;
  trust.accepted = reviewer.accepted;
  trust.edited = reviewer.edited;
  trust.planted_wrong = reviewer.planted.shown;
  const double shown = static_cast<double>(reviewer.accepted + reviewer.edited);
  const double edited = shown > 0 ? static_cast<double>(reviewer.edited) / shown : 0;
  const auto expected = expected_error(reviewer, blind);
  if (reviewer.planted.shown >= kLeast) {
    trust.beta = over_acceptance(reviewer.planted.shown, reviewer.planted.wrong).beta.value;
    trust.measured_by = "honeypots";
  } else if (expected) {
    trust.beta = std::clamp(1 - edited / *expected, 0.0, 1.0);
    trust.measured_by = "blind answers";
  } else {
    trust.beta = kAssumedBeta;
    trust.measured_by = "assumed";
  }
  // Of the wrong drafts 1 - beta were edited; where none can be edited only blind answers tell.
  const double by_edits = trust.beta < 1 ? edited / (1 - trust.beta) : expected.value_or(1);
  trust.draft_error = std::clamp(by_edits, 0.0, 1.0);
  trust.weight = accepted_weight(trust.beta, trust.draft_error);
  return trust;
}

}  // namespace

std::vector<ReviewerTrust> reviewer_trust(const std::vector<ReviewedFolder>& folders) {
  std::map<std::string, Reviewer> reviewers;
  std::map<std::string, Tally> blind;
  for (const auto& folder : folders) {
    add_honeypots(folder, reviewers);
    add_blind(folder, blind);
    add_shown(folder, reviewers);
  }
  std::vector<ReviewerTrust> all;
  for (const auto& [name, reviewer] : reviewers) all.push_back(trust_of(name, reviewer, blind));
  return all;
}

}  // namespace preannotate
