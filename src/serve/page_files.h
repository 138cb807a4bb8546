#pragma once

#include <span>
#include <string_view>

namespace preannotate {

/// A file of src/serve/page, which CMake makes part of the program (cmake/embed_files.cmake).
struct PageFile {
  std::string_view name, bytes;
};

std::span<const PageFile> page_files();

}  // namespace preannotate
