#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "preannotate/data/dataset.h"

namespace preannotate {

/// What one person said of one image, and what that person saw: a line of DRAFTS/review.jsonl.
struct Answer {
  std::string at;         // when it was given, as utc_now() writes it
  std::string image;      // key of the ledger
  std::string sha256;     // of the image's bytes, as the ledger had it
  std::string reviewer;   // "" where an export does not tell
  std::string via;        // review, the format that it came back in, or merge: made of several
  std::string selection;  // name of the selection it was asked for; "" for none
  std::string purpose;    // of that selection: certify, audit, review, label; "" for none
  /// draft: the drafts below; blind: none were; honeypot: planted ones, which the answer is judged
  /// by and which say nothing of the image.
  std::string shown = "draft";
  std::string model_version;  // of the drafts; "" when blind
  /// labels: the whole truth of the image, none meaning that nothing is there; skipped: seen, not
  /// decided; undone: the answers before it no longer stand; conflict: people disagree, somebody is
  /// to look again.
  std::string action = "labels";
  std::vector<Label> drafts;  // what was shown
  std::vector<Label> labels;  // the answer; a label taken over from a draft keeps its id
  double seconds = 0;         // it took; 0 when not known
  /// Of what an export said, so that it is taken only once; "" of other answers.
  std::string returned_sha256{};

  friend bool operator==(const Answer&, const Answer&) = default;
};

/// All answers of a drafts folder in the order in which they were given.
struct AnswerLog {
  std::vector<std::string> categories;  // the drafts', then those that people added
  std::vector<Answer> answers;
};

/// Answers are nobody's until somebody says which: no file means none. A last line that is not
/// whole is what a kill left, and is left out. Throws UserError(kBadInput) with file:line.
/// `categories` are those of DRAFTS/run.json.
AnswerLog read_answer_log(const std::filesystem::path& drafts,
                          const std::vector<std::string>& categories);

/// Appends to DRAFTS/review.jsonl. One program at a time: while another holds the log the
/// constructor throws UserError(kOutputExists). What is not whole at its end is cut off.
class AnswerWriter {
 public:
  explicit AnswerWriter(const std::filesystem::path& drafts);
  ~AnswerWriter();
  AnswerWriter(const AnswerWriter&) = delete;
  AnswerWriter& operator=(const AnswerWriter&) = delete;

  /// On the disk when it returns. Throws UserError(kCannotWrite); then none of them counts.
  void append(std::span<const Answer> answers, const std::vector<std::string>& categories);

 private:
  std::filesystem::path path_;
  int file_ = -1;
};

/// The answer that stands for each image: the last one about it, if its action is labels. Honeypots
/// never stand. `audits`: those of an audit count too; without them it is what was audited.
std::map<std::string, Answer> standing_answers(const AnswerLog& log, bool audits = true);

/// Position of each of `names` in `categories`, which grow by those that are missing.
std::vector<int> numbers_in(std::vector<std::string>& categories,
                            const std::vector<std::string>& names);

/// "2026-11-28T12:10:43Z".
std::string utc_now();

}  // namespace preannotate
