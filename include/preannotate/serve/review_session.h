#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "preannotate/core/json.h"

namespace preannotate {

/// What a session is about.
struct SessionOptions {
  std::filesystem::path drafts{};
  std::string selection{};             // name; "": the images of bucket review
  std::string reviewer{};              // whom the page proposes; "": it asks
  std::vector<std::string> classes{};  // that people may give besides the drafts'
};

/// An image as it was when it was drafted.
struct PictureFile {
  std::filesystem::path path;  // "" when the drafts no longer tell where it is
  std::string image, sha256;
};

/// How many images somebody has answered since the session began.
struct ReviewerPace {
  std::string name;
  size_t answered = 0;
  double seconds_mean = 0;  // 0 when not known
};

/// Images, drafts and answers behind the page: what it asks for as JSON
/// (src/serve/http_interface.md), what it says goes to DRAFTS/review.jsonl before the reply. Holds
/// the log against other programs while it lives. Calls from several threads take turns.
///
/// A request that is not as it should be throws UserError(kBadInput), an answer that cannot be
/// written UserError(kCannotWrite); then nothing of it counts.
class ReviewSession {
 public:
  /// Throws UserError: no drafts or no such selection (kUsageError), drafts that are not those of a
  /// blind sample (kBadInput), a log that another program holds (kOutputExists).
  explicit ReviewSession(const SessionOptions& options);
  ~ReviewSession();

  Json overview() const;
  Json items(const Json& request);
  Json answers(const Json& request);
  Json undo(const Json& request);
  Json progress(const std::string& reviewer) const;

  size_t size() const;  // items
  PictureFile picture(size_t item) const;

  std::vector<ReviewerPace> paces() const;

 private:
  struct Guarded;
  std::unique_ptr<Guarded> guarded_;
};

}  // namespace preannotate
