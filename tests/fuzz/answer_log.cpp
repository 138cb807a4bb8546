// DRAFTS/review.jsonl: answers that read back as they were written, or a UserError.

#include "preannotate/data/answer_log.h"

#include <cmath>

#include "data/names.h"
#include "fuzz.h"

namespace preannotate::fuzz {
namespace {

const std::vector<std::string> kCategories = {"cat", "red cell", "<b>\"it's\" & more"};

void check_labels(const std::vector<Label>& labels, size_t categories) {
  for (const Label& label : labels) {
    require(label.category >= 0 && static_cast<size_t>(label.category) < categories,
            "a label's category is one of the log's");
    require(!label.score || (*label.score >= 0 && *label.score <= 1), "a score is from 0 to 1");
    if (!label.box) continue;
    for (const float side : {label.box->x1, label.box->y1, label.box->x2, label.box->y2})
      require(std::isfinite(side), "a box is finite");
  }
}

void check_log(const AnswerLog& log) {
  for (const Answer& answer : log.answers) {
    require(checked_image_key(answer.image, "line") == answer.image,
            "an image key leads to no other folder");
    require(answer.seconds >= 0 && std::isfinite(answer.seconds), "a time is 0 or more");
    check_labels(answer.drafts, log.categories.size());
    check_labels(answer.labels, log.categories.size());
  }
  for (const auto& [image, answer] : standing_answers(log))
    require(answer.action == "labels" && answer.shown != "honeypot", "what stands are labels");
}

void check_reads_back(const AnswerLog& log) {
  const auto folder = fresh_folder("out");
  AnswerWriter(folder).append(log.answers, log.categories);
  const auto again = read_answer_log(folder, kCategories);
  require(again.answers.size() == log.answers.size(), "each answer is read again");
  for (size_t i = 0; i < log.answers.size(); ++i) {
    const Answer &one = log.answers[i], &other = again.answers[i];
    require(one.image == other.image && one.reviewer == other.reviewer && one.at == other.at &&
                one.action == other.action && one.shown == other.shown &&
                one.returned_sha256 == other.returned_sha256 &&
                one.labels.size() == other.labels.size() &&
                one.drafts.size() == other.drafts.size(),
            "an answer reads back as it was written");
  }
}

void test(std::string_view bytes) {
  const auto folder = fresh_folder("in");
  put_file(folder / "review.jsonl", bytes);
  AnswerLog log;
  if (!accepts([&] { log = read_answer_log(folder, kCategories); })) return;
  check_log(log);
  check_reads_back(log);
}

}  // namespace
}  // namespace preannotate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  preannotate::fuzz::test(preannotate::fuzz::text_of(data, size));
  return 0;
}
