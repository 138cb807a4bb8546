#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "preannotate/data/answer_log.h"
#include "preannotate/data/ledger.h"
#include "prediction_inputs.h"

namespace preannotate {

/// True for a drafts folder with people's answers, or with selections they were asked by.
bool holds_answers(const std::filesystem::path& drafts);

/// What predict leaves as it is in a folder of answered drafts. Nobody can answer while this lives.
class KeptAnswers {
 public:
  /// Throws UserError: kOutputExists while another program takes answers, kBadInput.
  KeptAnswers(std::filesystem::path drafts, const std::vector<std::string>& classes);

  /// Takes images out of `inputs` whose answer stands and whose file is what was answered: their
  /// ledger lines stay, with scores of 0 for classes that are new. A line with a class that the
  /// model no longer has cannot stay: its image is drafted anew.
  void take_from(PredictionInputs& inputs) const;

  /// review.jsonl and selections/, byte for byte.
  void carry_over(const std::filesystem::path& to) const;

 private:
  std::filesystem::path drafts_;
  std::unique_ptr<AnswerWriter> lock_;  // null where there is no answer yet
  std::vector<LedgerEntry> entries_;    // of images whose answer stands, sorted by image
};

}  // namespace preannotate
