#pragma once

#include <cstddef>
#include <filesystem>

namespace preannotate {

/// At most so many images are on a page, those most worth a look.
inline constexpr size_t kMostExported = 2000;

struct ExportHtmlOptions {
  std::filesystem::path drafts, file;  // file: "" for none
  bool force = false;                  // a file that is there is replaced
};

struct ExportHtmlResult {
  size_t images = 0, exported = 0;  // of the drafts folder that were looked at; on the page
};

/// Writes the drafts and people's answers as one page to read, which needs no other file: small
/// pictures, classes, scores, buckets, boxes; nothing in it runs or loads anything. The file
/// appears whole; one that is there is kept unless forced (UserError kOutputExists). Throws
/// UserError.
ExportHtmlResult export_html(const ExportHtmlOptions& options);

}  // namespace preannotate
