// The input is the names of the files in a folder of class folders, one a line.

#include <nlohmann/json.hpp>
#include <sstream>

#include "data/names.h"
#include "dataset_checks.h"
#include "fuzz.h"
#include "preannotate/core/log.h"
#include "preannotate/data/format.h"

namespace preannotate::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr int kMostFiles = 12;

/// False for what names no file below the folder, or a folder where there is a file.
bool make_file(const fs::path& folder, const std::string& line) {
  std::string key;
  if (!accepts([&] { key = checked_image_key(line, "input"); })) return false;
  const fs::path path = folder / key;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error || fs::is_directory(path, error)) return false;
  const auto is_too_long = [](const fs::path& part) { return part.native().size() > 255; };
  if (std::any_of(path.begin(), path.end(), is_too_long)) return false;
  put_file(path, "");
  return true;
}

void test(const std::string& bytes) {
  set_up_log(Verbosity::kQuiet, false);
  const auto folder = fresh_folder("in");
  std::istringstream lines(bytes);
  std::string line;
  for (int files = 0; files < kMostFiles && std::getline(lines, line);)
    files += make_file(folder, line);
  accepts([&] { check_dataset(read_dataset(folder, "folder")); });
  accepts([&] { check_dataset(read_dataset(folder, "yolo_classify")); });
  accepts([&] { format_of(folder); });
}

}  // namespace
}  // namespace preannotate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  if (size <= 4096) preannotate::fuzz::test(std::string(preannotate::fuzz::text_of(data, size)));
  return 0;
}
