// What Label Studio gives back: answers that keep what their header says, or a UserError.

#include "preannotate/data/returned.h"

#include <cmath>

#include "data/names.h"
#include "fuzz.h"
#include "preannotate/core/log.h"

namespace preannotate::fuzz {
namespace {

namespace fs = std::filesystem;

void check_labels(const std::vector<Label>& labels, size_t categories) {
  for (const Label& label : labels) {
    require(label.category >= 0 && static_cast<size_t>(label.category) < categories,
            "a label's category is one of the export's");
    if (!label.box) continue;
    for (const float side : {label.box->x1, label.box->y1, label.box->x2, label.box->y2})
      require(std::isfinite(side), "a box is finite");
  }
}

void check(const Returned& returned) {
  for (size_t i = 0; i < returned.answers.size(); ++i) {
    const ReturnedAnswer& answer = returned.answers[i];
    require(checked_image_key(answer.image, "export") == answer.image,
            "an image key leads to no other folder");
    require(answer.seconds >= 0 && std::isfinite(answer.seconds), "a time is 0 or more");
    require(answer.at.empty() || (answer.at.size() == 20 && answer.at.back() == 'Z'),
            "when it was is as utc_now() writes it");
    require(!answer.skipped || answer.labels.empty(), "what was skipped has no label");
    check_labels(answer.labels, returned.categories.size());
    if (answer.sent) check_labels(*answer.sent, returned.categories.size());
    if (i == 0) continue;
    const ReturnedAnswer& before = returned.answers[i - 1];
    require(before.image < answer.image || (before.image == answer.image && before.at <= answer.at),
            "answers come by image, then in order of time");
  }
}

fs::path quiet_folder() {
  set_up_log(Verbosity::kQuiet, false);
  return fresh_folder("in");
}

void test(std::string_view bytes) {
  static const fs::path folder = quiet_folder();
  put_file(folder / "export.json", bytes);
  accepts([&] { check(read_returned(folder / "export.json", "label_studio")); });
}

}  // namespace
}  // namespace preannotate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  preannotate::fuzz::test(preannotate::fuzz::text_of(data, size));
  return 0;
}
