#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "labelled_features.h"
#include "preannotate/quality/class_actions.h"

namespace preannotate {

/// How a simulated loop goes.
struct ClassLoopOptions {
  double max_error = 0.01, confidence = 0.95;  // of the finished labels
  std::string reviewer = "oracle";             // reviewer_named()
  bool trust_reviewers = false;  // plant nothing: what they accept is taken to be right
  size_t first = 40;             // images labelled before there is a model
  double growth = 1.5;           // of a batch over the one before
  size_t budget = 0;             // images that people may see; 0: no limit
  int rounds = 0;                // models trained at most; 0: as long as one pays
  ClassCost cost;                // that the plan goes by
  int threads = 2;
  std::uint64_t seed = 0;
};

/// Where the loop stood when a model had been trained.
struct LoopRound {
  long labelled = 0;       // images with an answer, on which it was trained
  double draft_error = 0;  // wrong share of the drafts of all others
  ClassActions actions;    // so far
};

/// How it ended.
struct LoopOutcome {
  std::vector<LoopRound> rounds;
  ClassActions actions;
  long images = 0;
  long seen = 0;      // images that a person has seen
  long in_pages = 0;  // of these, drafts accepted by the page
  long unseen = 0;    // accepted by the certificate
  long caught = 0;    // wrong drafts that were clicked
  long planted = 0, planted_passed = 0;
  long sample = 0;         // labelled blind for the certificate
  bool certified = false;  // at most max_error of the labels are wrong, it was said
  double bound = 1;        // and this share at most
  double residual = 0;     // that is wrong indeed
  /// Without pages, certificate and second looks: the same models, every draft verified alone.
  ClassActions drafts_only;
};

/// Replays seed, drafts, review and certificate on images whose labels are known. What the people
/// do is what `select`, `review` and `certify` ask of them:
///
/// The first images, spread by k-means, are labelled blind. Then, in rounds, batches drawn at
/// random are looked at in pages of one drafted class; what is wrong is clicked and corrected, and
/// an image whose draft is so likely wrong that this would take longer is asked without it.
/// Unless reviewers are trusted, wrong drafts of labelled images are planted in the pages, as many
/// as it takes to say what reviewers let pass (most_passed).
///
/// At the end all that is left is looked at; or, where a blind sample costs less than half of that,
/// rounds end when they no longer pay, the sample decides what is accepted unseen (certify_scores),
/// and the rest is looked at. A blind answer that contradicts its draft is asked of a second
/// person. Where people's own choices could be more of the errors allowed than is left to them, or
/// all is looked at, those that the last model contradicts are verified by another person.
///
/// certified: the certificate's bound, that of most_passed (0 of trusted reviewers) and, unless
/// they were verified, one in twenty of people's own choices are together within max_error. It
/// rests on planted drafts being as hard to see as the model's own wrong ones, and on people
/// choosing no worse than that.
///
/// confusions: see SimulatedReviewer.
LoopOutcome replay_class_loop(const LabelledFeatures& features, const Seed& seed,
                              const std::vector<std::vector<double>>& confusions,
                              const ClassLoopOptions& options);

}  // namespace preannotate
