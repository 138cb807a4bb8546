#include <dlfcn.h>

#include "out_of_memory.h"
#include "pipelines.h"
#include "preannotate/core/log.h"

namespace preannotate::cli {

namespace {

/// Looked for where the program's RUNPATH says.
constexpr const char* kLibrary = "libpreannotate_pipelines.so";

const Pipelines& load() {
  void* library = dlopen(kLibrary, RTLD_NOW);
  if (!library) {
    const std::string why = dlerror();
    const bool memory = is_out_of_memory(why);
    throw UserError(memory ? kNoDevice : kBug, memory ? "out of memory: " : "",
                    "the program's own library does not load: ", why);
  }
  const auto pipelines =
      reinterpret_cast<decltype(&preannotate_pipelines)>(dlsym(library, "preannotate_pipelines"));
  if (!pipelines) throw UserError(kBug, kLibrary, " is not of this program: ", dlerror());
  return *pipelines();
}

}  // namespace

const Pipelines& load_pipelines(const std::string& first_line) {
  log_info(first_line);
  static const Pipelines& pipelines = load();
  return pipelines;
}

}  // namespace preannotate::cli
