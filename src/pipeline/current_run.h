#pragma once

#include <filesystem>
#include <string>

namespace preannotate {

/// Where update sets its link to the run in use, or why it sets none.
struct CurrentLink {
  std::filesystem::path link;  // "": none
  std::string why_not;
};

/// `asked`, or `current` in the folder of `output` when `model` lies there too (itself, or the link
/// to it) and `current` leads to `model`, or to nothing yet. Throws UserError(kOutputExists) when
/// `asked` is something else than a link.
CurrentLink current_link(const std::filesystem::path& asked, const std::filesystem::path& model,
                         const std::filesystem::path& output);

/// Makes `link` lead to `run`, by a rename: whoever reads it finds the old run or the new one.
/// Throws UserError: kOutputExists when it is something else than a link, kCannotWrite.
void set_current(const std::filesystem::path& link, const std::filesystem::path& run);

}  // namespace preannotate
