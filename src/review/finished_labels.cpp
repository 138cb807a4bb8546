#include "finished_labels.h"

#include "preannotate/core/error.h"
#include "preannotate/core/hash.h"
#include "preannotate/core/text.h"
#include "preannotate/data/answer_log.h"

namespace preannotate {

namespace {

/// The drafts, where people's answers do not take their place; an audit's own answers do not, since
/// they are what the labels are held against.
Answers answered_drafts(const DraftSet& drafts) {
  const AnswerLog log = read_answer_log(drafts.folder, drafts.categories);
  const auto standing = standing_answers(log, /*audits=*/false);
  Answers finished;
  finished.added.assign(
      log.categories.begin() + static_cast<std::ptrdiff_t>(drafts.categories.size()),
      log.categories.end());
  for (size_t item = 0; item < drafts.pool.size(); ++item) {
    const Sample& sample = drafts.drafted(item).sample;
    const auto answer = standing.find(sample.image);
    finished.labels.emplace(sample.image,
                            answer == standing.end() ? sample.labels : answer->second.labels);
  }
  return finished;
}

}  // namespace

Answers finished_labels(const std::filesystem::path& path, const std::string& format,
                        const DraftSet& drafts) {
  Answers finished = path.empty() ? answered_drafts(drafts)
                                  : read_answers(path, format, drafts, /*add_classes=*/true);
  size_t missing = 0;
  std::string first;
  for (size_t item = 0; item < drafts.pool.size(); ++item) {
    const Sample& sample = drafts.drafted(item).sample;
    if (!finished.labels.contains(sample.image) && ++missing == 1) first = sample.image;
  }
  if (missing > 0) {
    throw UserError(kBadInput, path, ": ", human_count(missing), " of the ",
                    human_count(drafts.pool.size()), " images of the drafts have no label, first '",
                    first, "'; a finished label set has one for each");
  }
  return finished;
}

std::string finished_digest(const Answers& finished, const DraftSet& drafts) {
  std::vector<std::string> images;
  std::string buckets;
  for (size_t item = 0; item < drafts.pool.size(); ++item) {
    images.push_back(drafts.drafted(item).sample.image);
    buckets += drafts.drafted(item).sample.bucket + "\n";
  }
  return sha256(digest_of(finished, images) + "\n" + buckets);
}

}  // namespace preannotate
