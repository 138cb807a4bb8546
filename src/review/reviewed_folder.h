#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "preannotate/data/answer_log.h"
#include "preannotate/review/draft_set.h"

namespace preannotate {

/// What a person saw of an image need not change anything in: an untouched draft, whose boxes are
/// those that were shown.
bool is_accepted(const Answer& answer, const std::string& task);

/// A drafts folder and what people said of it.
struct ReviewedFolder {
  DraftSet drafts;
  AnswerLog log;
  std::map<std::string, Answer> standing;
  std::map<std::string, std::filesystem::path> places;  // where the answered images lie
};

/// Throws UserError as read_reviewed() does.
ReviewedFolder read_reviewed_folder(const std::filesystem::path& folder, const std::string& task);

}  // namespace preannotate
