// One file of labels in the folder that a format expects: a dataset that keeps its promises and
// reads back from what is written of it, or a UserError.

#include <algorithm>
#include <iterator>
#include <sstream>

#include "dataset_checks.h"
#include "fuzz.h"
#include "preannotate/core/log.h"
#include "preannotate/data/format.h"

namespace preannotate::fuzz {
namespace {

namespace fs = std::filesystem;

/// So that a new format is not forgotten here.
void check_every_format_has_a_harness() {
  std::istringstream names(FUZZED_FORMATS);
  const std::vector<std::string> fuzzed(std::istream_iterator<std::string>(names), {});
  for (const auto* format : dataset_formats()) {
    if (!format->recognises || std::count(fuzzed.begin(), fuzzed.end(), format->name)) continue;
    require(false, "the format '" + std::string(format->name) +
                       "' has a format_harness() in tests/fuzz/CMakeLists.txt");
  }
}

/// The fixed files around the input.
fs::path folder_of_format() {
  set_up_log(Verbosity::kQuiet, false);
  check_every_format_has_a_harness();
  const auto folder = fresh_folder("in");
  if (fs::exists(FUZZED_TREE)) fs::copy(FUZZED_TREE, folder, fs::copy_options::recursive);
  fs::create_directories((folder / FUZZED_FILE).parent_path());
  return folder;
}

void check_reads_back(const DatasetFormat& format, const Dataset& before) {
  if (has_sliver(before)) return;
  const auto folder = fresh_folder("out");
  // Of what the format cannot hold, say boxes of images without a size, it says so.
  if (!accepts([&] { format.write(before, folder); })) return;
  const auto after = format.read(folder);
  check_dataset(after);
  check_same_samples(before, after);
}

void test(std::string_view bytes) {
  static const DatasetFormat& format = format_named(FUZZED_FORMAT);
  static const fs::path folder = folder_of_format();
  put_file(folder / FUZZED_FILE, bytes);
  accepts([&] {
    const auto dataset = read_dataset(folder, format.name);
    check_dataset(dataset);
    require(accepts([&] { check_reads_back(format, dataset); }), "what was written can be read");
  });
}

}  // namespace
}  // namespace preannotate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  preannotate::fuzz::test(preannotate::fuzz::text_of(data, size));
  return 0;
}
