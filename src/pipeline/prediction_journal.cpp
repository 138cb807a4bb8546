#include "prediction_journal.h"

#include <sys/stat.h>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/hash.h"

namespace preannotate {
namespace {

constexpr const char* kHeaderFile = "journal.json";

[[noreturn]] void refuse(const std::string& what, const std::string& was, const std::string& now) {
  throw UserError(kUsageError, "cannot resume: ", what, " was ", was, ", is now ", now,
                  "; give what it was, or --force in place of --resume to begin anew");
}

void compare(const std::string& what, const std::string& was, const std::string& now) {
  if (was != now) refuse(what, was, now);
}

}  // namespace

std::string digest_of(const std::vector<ImageFile>& images) {
  std::string all;
  for (const ImageFile& image : images) {
    struct stat status {};
    ::stat(image.path.c_str(), &status);
    all += std::to_string(image.image.size()) + ":" + image.image + " " +
           std::to_string(status.st_size) + " " + std::to_string(status.st_mtim.tv_sec) + "." +
           std::to_string(status.st_mtim.tv_nsec) + "\n";
  }
  return sha256(all);
}

void write_header(const std::filesystem::path& folder, const JournalHeader& header) {
  write_file(folder / kHeaderFile, json_text({{"format_version", 1},
                                              {"model_version", header.model_version},
                                              {"options", header.options},
                                              {"device", header.device},
                                              {"engine", header.engine},
                                              {"images", header.images},
                                              {"image_count", header.image_count},
                                              {"workers", header.workers},
                                              {"batch", header.batch}},
                                             1) +
                                       "\n");
}

JournalHeader checked_header(const std::filesystem::path& folder, const JournalHeader& now) {
  const auto where = (folder / kHeaderFile).string();
  const Json json = read_json(folder / kHeaderFile);
  compare("the model", string_field(json, "model_version", where), now.model_version);
  const Json& options = field(json, "options", where);
  for (const auto& [name, value] : now.options.items()) {
    const Json& was = field(options, name, where);
    if (was != value) refuse(name, json_text(was), json_text(value));
  }
  compare("the device", string_field(json, "device", where), now.device);
  compare("the engine", string_field(json, "engine", where), now.engine);
  const auto count = int_field(json, "image_count", where);
  compare("the number of images", std::to_string(count), std::to_string(now.image_count));
  if (string_field(json, "images", where) != now.images) {
    throw UserError(kUsageError,
                    "cannot resume: images of the source were changed, renamed or exchanged since; "
                    "use --force in place of --resume to begin anew");
  }
  JournalHeader header = now;
  header.workers = static_cast<int>(int_field(json, "workers", where));
  header.batch = static_cast<int>(int_field(json, "batch", where));
  if (header.workers < 1 || header.batch < 1)
    throw UserError(kBadInput, where, ": workers and batch are to be 1 or more");
  return header;
}

}  // namespace preannotate
