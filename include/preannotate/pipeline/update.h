#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/image/decode.h"

namespace preannotate {

struct UpdateOptions {
  std::filesystem::path model;                  // the run to go on from: the champion
  std::vector<std::filesystem::path> reviewed;  // drafts folders with answers
  std::filesystem::path data;                   // seed; "": where the run had it
  std::string format;                           // of the seed; "" = detected
  std::filesystem::path gold;                   // labels known to be right, that judge
  std::string gold_format;
  std::filesystem::path output;
  std::filesystem::path current;   // link to the run in use; "": see update()
  double max_class_drop = 0.05;    // share of a class's gold images
  double max_forgetting = 0.02;    // accuracy on images that the champion had learned from
  double max_wrong_answers = 0.1;  // share of the answers
  int workers = 0;                 // 0: cores this process may use
  std::optional<int> batch;        // images a forward pass; absent: 4
  std::string device = "auto";
  bool cache = true;  // features on disk
  bool force = false;
  bool allow_skipped = false;
  DecodeOptions decode;
};

struct UpdateResult {
  /// "promoted", "refused" or "nothing new".
  std::string outcome;
  std::string reason;             // a sentence
  std::string model_version;      // of the new run, or of the one that has learned it already
  std::filesystem::path run;      // of the new run, or of the one that has learned it already
  std::filesystem::path current;  // the link that now leads to the new run; "": none was set
  std::string current_reason;     // why not, when promoted and `current` is ""
  Json lineage;                   // of the new run
  ExitCode exit_code = kDone;     // kCheckFailed when refused
};

/// Trains a challenger on the seed and the standing answers, weighted by trust (review/
/// reviewed_images.h), pulled to the champion's head, and lets the gold set decide between the two.
/// An image of the gold set is never trained on, and one content once: the newest answer, before
/// the seed's label unless a draft was merely accepted.
///
/// Refused when on the gold set it is worse beyond the 95 % interval of a paired bootstrap; when a
/// class is, by is_worse(); when it forgets; or when the answers contradict the gold set, by
/// wrong_share(), in more than max_wrong_answers (classify). The run is written either way and
/// says the verdict in run.json's "lineage".
///
/// Promoted, `current` is made to lead to it, by a rename: options.current, or `current` in the
/// output's folder when the champion lies there too and `current`, if there is one, leads to it.
///
/// Nothing is written and nothing is trained when the run, or one made from it with the same gold
/// set and limits, has learned exactly this. Throws UserError; then nothing is at options.output.
UpdateResult update(const UpdateOptions& options);

}  // namespace preannotate
