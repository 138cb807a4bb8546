// A line of drafts.jsonl: an entry that its writer writes as it was read, or a UserError.

#include "preannotate/data/ledger.h"

#include <cmath>

#include "data/names.h"
#include "fuzz.h"

namespace preannotate::fuzz {
namespace {

const std::vector<std::string> kCategories = {"cat", "red cell", "<b>\"it's\" & more"};

void check_labels(const std::vector<Label>& labels) {
  for (const Label& label : labels) {
    require(label.category >= 0 && static_cast<size_t>(label.category) < kCategories.size(),
            "a label's category is one of the run's");
    require(!label.score || (*label.score >= 0 && *label.score <= 1), "a score is from 0 to 1");
    if (!label.box) continue;
    for (const float value : {label.box->x1, label.box->y1, label.box->x2, label.box->y2})
      require(std::isfinite(value), "a box is finite");
  }
}

void test(const std::string& line) {
  LedgerEntry entry;
  if (!accepts([&] { entry = parse_ledger_line(line, kCategories, "line"); })) return;
  require(checked_image_key(entry.sample.image, "line") == entry.sample.image,
          "an image key leads to no other folder");
  check_labels(entry.sample.labels);
  check_labels(entry.candidates);
  const auto written = ledger_line(entry, kCategories);
  const auto again = parse_ledger_line(written, kCategories, "written");
  require(again.sample.image == entry.sample.image && again.sha256 == entry.sha256 &&
              again.strangeness.has_value() == entry.strangeness.has_value() &&
              again.status == entry.status && again.reason == entry.reason &&
              again.sample.labels.size() == entry.sample.labels.size() &&
              again.candidates.size() == entry.candidates.size() &&
              again.scores.size() == entry.scores.size(),
          "an entry reads back as it was written");
}

}  // namespace
}  // namespace preannotate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  preannotate::fuzz::test(std::string(preannotate::fuzz::text_of(data, size)));
  return 0;
}
