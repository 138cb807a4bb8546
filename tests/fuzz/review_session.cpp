// Requests of the page of review: those that are taken are in the log as they were said.

#include "preannotate/serve/review_session.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "fuzz.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/data/ledger.h"

namespace preannotate::fuzz {
namespace {

const std::vector<std::string> kCategories = {"cat", "red cell", "<b>\"it's\" & more"};

/// Three images of 64 x 48 px.
void put_drafts(const std::filesystem::path& folder, const std::string& task) {
  std::string ledger;
  for (const char* image : {"a.jpg", "b.jpg", "c.jpg"}) {
    LedgerEntry entry;
    entry.sample = {image, 64, 48, {{1, 0.5, {}, "d3f9a1c2e7b0"}}, "review", 0.5};
    if (task == "detect") entry.sample.labels[0].box = Box{8, 8, 40, 40};
    if (task != "detect") entry.scores = {0.25, 0.5, 0.25};
    entry.status = "done";
    ledger += ledger_line(entry, kCategories) + "\n";
  }
  put_file(folder / "drafts.jsonl", ledger);
  put_file(folder / "run.json", json_text({{"model_version", "0123456789ab"},
                                           {"task", task},
                                           {"categories", kCategories},
                                           {"source", {"pictures"}}}));
}

/// "items {...}", "answers {...}", "undo {...}" or "progress NAME".
void call(ReviewSession& session, const std::string& line) {
  const size_t space = line.find(' ');
  const std::string what = line.substr(0, space);
  const std::string rest = space == line.npos ? "" : line.substr(space + 1);
  accepts([&] {
    if (what == "progress") session.progress(rest);
    const Json request = parse_json(rest, "request");
    if (what == "items") session.items(request);
    if (what == "answers") session.answers(request);
    if (what == "undo") session.undo(request);
  });
}

void check_labels(const Answer& answer, const std::string& task) {
  for (const Label& label : answer.labels) {
    require(label.box.has_value() == (task == "detect"), "labels have a box when the task has");
    if (!label.box) continue;
    const Box& box = *label.box;
    require(box.x1 >= 0 && box.y1 >= 0 && box.x2 <= 64 && box.y2 <= 48 && box.x1 < box.x2 &&
                box.y1 < box.y2,
            "a box lies in its image");
  }
  if (task == "classify" && answer.action == "labels")
    require(answer.labels.size() == 1, "one class an image");
}

/// The first line is the task, each other a request.
void test(const std::string& text) {
  std::istringstream lines(text);
  std::string task, line;
  std::getline(lines, task);
  if (task != "detect" && task != "multilabel") task = "classify";
  const auto folder = fresh_folder("review_session");
  put_drafts(folder, task);
  size_t answered = 0;
  {
    ReviewSession session({.drafts = folder});
    while (std::getline(lines, line)) call(session, line);
    answered = session.overview()["answered"].get<size_t>();
  }
  const AnswerLog log = read_answer_log(folder, kCategories);
  require(log.categories == kCategories, "no request makes a class");
  for (const Answer& answer : log.answers) check_labels(answer, task);
  require(standing_answers(log).size() == answered, "what is answered stands in the log");
  ReviewSession again({.drafts = folder});
  require(again.overview()["answered"] == answered, "a session goes on where the last one ended");
}

}  // namespace
}  // namespace preannotate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  preannotate::fuzz::test(std::string(preannotate::fuzz::text_of(data, size)));
  return 0;
}
