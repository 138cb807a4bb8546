# cmake -DOUTPUT=x.cpp -DFILES="a;b" -P embed_files.cmake: the bytes of files as page_files()
# (src/serve/page_files.h).
set(ARRAYS "")
set(TABLE "")
set(NUMBER 0)
foreach(FILE ${FILES})
  cmake_path(GET FILE FILENAME NAME)
  file(READ ${FILE} HEX HEX)
  string(REGEX REPLACE "(..)" "0x\\1," BYTES "${HEX}")
  string(APPEND ARRAYS "const unsigned char kFile${NUMBER}[] = {${BYTES}0};  // ${NAME}\n")
  string(APPEND TABLE "    {\"${NAME}\", text_of(kFile${NUMBER}, sizeof kFile${NUMBER} - 1)},\n")
  math(EXPR NUMBER "${NUMBER} + 1")
endforeach()
file(WRITE ${OUTPUT} "// Made by cmake/embed_files.cmake.
#include \"serve/page_files.h\"

namespace preannotate {
namespace {
${ARRAYS}
std::string_view text_of(const unsigned char* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}
}  // namespace

std::span<const PageFile> page_files() {
  static const PageFile files[] = {
${TABLE}  };
  return files;
}

}  // namespace preannotate
")
