#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "preannotate/data/dataset.h"
#include "preannotate/review/draft_set.h"

namespace preannotate {

/// What people say of images of a drafts folder.
struct Answers {
  std::map<std::string, std::vector<Label>> labels;  // by image; categories of the drafts
  std::vector<std::string> added;    // categories that the drafts do not have, numbered after them
  std::vector<std::string> foreign;  // images that the drafts do not have
};

/// Labels in any format ("" = detected), or a CSV of path,label. A line of a classifier's answers
/// without a label is no answer. Throws UserError(kBadInput) for several labels of an image whose
/// task has one, for an image that lacks a label which its task needs, and, unless `add_classes`,
/// for a class that the drafts do not have, with the nearest name.
Answers read_answers(const std::filesystem::path& path, const std::string& format,
                     const DraftSet& drafts, bool add_classes);

/// What the drafts' log of answers has for a selection: the last labels of each of its images.
/// Classes that people added while they reviewed are theirs to add.
Answers logged_answers(const DraftSet& drafts, const std::string& selection);

/// The labels of a sample that the task asks for: boxes, or classes of the image. Throws
/// UserError(kBadInput) naming `path` and the image for a label without a box among boxes and for
/// several classes where the task has one.
std::vector<Label> labels_for(const Sample& sample, const std::string& task,
                              const std::filesystem::path& path);

/// True when somebody who wants `right` need not edit `given`: the same class; the same set of
/// classes; with boxes a matching in which each has its class and IoU >= `iou` with its partner.
/// Crowds in `right` ask for nothing.
bool needs_no_edit(const std::vector<Label>& given, const std::vector<Label>& right,
                   const std::string& task, double iou);

/// SHA-256 over the labels of `images`, whatever their order.
std::string digest_of(const Answers& answers, const std::vector<std::string>& images);

}  // namespace preannotate
