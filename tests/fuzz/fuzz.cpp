#include "fuzz.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace preannotate::fuzz {

namespace fs = std::filesystem;

void require(bool holds, std::string_view property) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: does not hold: %.*s\n", static_cast<int>(property.size()),
               property.data());
  std::abort();
}

fs::path fresh_folder(const char* name) {
  const auto folder = fs::temp_directory_path() / ("fuzz-" + std::to_string(::getpid())) / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

void put_file(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  require(static_cast<bool>(file.flush()), "the scratch folder takes a file");
}

}  // namespace preannotate::fuzz
