#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/serve/review_session.h"
#include "review/draft_folder.h"

namespace preannotate::testing_support {

/// Drafts for review: "a.jpg" ... of 100 x 80 px in bucket review unless a test says otherwise.
LedgerEntry drafted_class(const std::string& image, int category, double uncertainty,
                          size_t categories = 3);
LedgerEntry drafted_boxes(const std::string& image, const std::vector<Label>& boxes);

/// {"reviewer":...,"answers":[{"item":...,"action":"labels","labels":[{"category":...}], ...}]}.
Json class_answer(const std::string& reviewer, size_t item, int category);
Json skip(const std::string& reviewer, size_t item);
Json ask(const std::string& reviewer, size_t count, const std::string& mode = "single",
         std::optional<int> category = {});

/// "image" of each item of a reply.
std::vector<std::string> images_of(const Json& reply);
std::vector<Answer> logged(const std::filesystem::path& drafts,
                           const std::vector<std::string>& categories);

}  // namespace preannotate::testing_support
