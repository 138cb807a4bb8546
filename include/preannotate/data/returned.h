#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "preannotate/data/dataset.h"

namespace preannotate {

/// What a labelling tool gives back of one image from one person.
struct ReturnedAnswer {
  std::string image;          // key, as the export names it
  int width = 0, height = 0;  // upright frame in pixels; 0 when the export does not tell
  std::string reviewer;       // name, e-mail or number; "" when it does not tell
  std::string at;             // last change, as utc_now() writes it; "" when it does not tell
  double seconds = 0;         // spent; 0 when it does not tell
  bool skipped = false;       // by the person: neither a positive nor a negative
  bool looked_at = false;     // the export tells that somebody did; else only a change tells it
  std::vector<Label> labels;  // ids where the tool kept those that it was given
  std::optional<std::vector<Label>> sent;  // drafts that the tool was given; absent: not told
  std::string model_version;               // of `sent`; "" when not told
};

/// All of an export.
struct Returned {
  std::string format;  // its name
  std::vector<std::string> categories;
  std::vector<ReturnedAnswer> answers;  // by image; of one image in order of time
  size_t open = 0;                      // images that nobody has answered yet
  std::vector<Problem> problems;        // of reading
};

/// Reads with `format` ("" = what it looks like). Of Label Studio's JSON export every annotation is
/// an answer; of all other formats every image is one, which nobody is known to have looked at.
/// Throws UserError as read_dataset() does.
Returned read_returned(const std::filesystem::path& path, std::string_view format);

}  // namespace preannotate
