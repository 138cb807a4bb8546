#include "finished_labels.h"

#include "preannotate/core/error.h"
#include "preannotate/core/hash.h"
#include "preannotate/core/text.h"

namespace preannotate {

Answers finished_labels(const std::filesystem::path& path, const std::string& format,
                        const DraftSet& drafts) {
  Answers finished;
  if (!path.empty()) finished = read_answers(path, format, drafts, /*add_classes=*/true);
  size_t missing = 0;
  std::string first;
  for (size_t item = 0; item < drafts.pool.size(); ++item) {
    const Sample& sample = drafts.drafted(item).sample;
    if (path.empty()) {
      finished.labels.emplace(sample.image, sample.labels);
    } else if (!finished.labels.contains(sample.image) && ++missing == 1) {
      first = sample.image;
    }
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
