#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace preannotate {

/// One thing that is wrong with labels, or that a tool which reads them trips over.
struct Finding {
  std::string place;    // "annotations.json:12 (annotations[3])", "labels/train/a.txt:2", an image
  std::string code;     // annotation_id_zero, box_clipped, faulty, ...
  std::string message;  // what was found, what would be right
  std::vector<std::string> tools;  // those that trip over it; none: it is wrong for every tool
};

/// A program that reads labels, and which formats of ours it reads.
struct LabelTool {
  std::string name;
  std::vector<std::string> formats;
};

/// cvat, datumaro, fiftyone, label_studio, pycocotools, torchvision, ultralytics.
const std::vector<LabelTool>& label_tools();

struct CheckOptions {
  std::filesystem::path path;  // labels in any format
  std::string format;          // "": what it looks like
  std::string tool;            // "": findings for every tool; else those that concern it
  std::filesystem::path fix;   // a new folder for a repaired copy; "": none
};

struct CheckResult {
  std::string format;
  size_t images = 0, labels = 0;    // that could be read
  std::vector<Finding> findings;    // in the order of the file, at most 1,000 of a code
  size_t more = 0;                  // findings above that
  bool fixed = false;               // a repaired copy was asked for and written
  std::vector<std::string> losses;  // of the repaired copy
};

/// Reads everything that can be read and lists what is wrong. Nothing at `path` is changed. Throws
/// UserError: kUsageError for an unknown tool or format, kBadInput for a path that no format
/// recognises, kOutputExists for a `fix` that is there.
CheckResult check_labels(const CheckOptions& options);

}  // namespace preannotate
