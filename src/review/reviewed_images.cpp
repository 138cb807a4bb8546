#include "preannotate/review/reviewed_images.h"

#include <algorithm>
#include <map>

#include "reviewed_folder.h"
#include "reviewer_trust.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

/// A weight of 0 would say that an image is not there.
constexpr double kLeastTrust = 0.01;

AnswerKind kind_of(const Answer& answer, const std::string& task) {
  if (answer.shown == "blind") return AnswerKind::kBlind;
  if (is_accepted(answer, task)) return AnswerKind::kAccepted;
  const bool nothing = task == "classify" && answer.labels.empty();
  return nothing ? AnswerKind::kRejected : AnswerKind::kEdited;
}

/// Why an answer says nothing that can be learned; "" when it does.
std::string unusable(const Answer& answer, const ReviewedFolder& folder, AnswerKind kind) {
  const auto at = folder.drafts.at.find(answer.image);
  if (at == folder.drafts.at.end()) return "its image is no longer among the drafts";
  if (folder.drafts.drafted(at->second).sha256 != answer.sha256) {
    return "the drafts are of another picture of that name than the answer";
  }
  if (folder.drafts.task != "classify") return "";
  if (kind == AnswerKind::kRejected) {
    return answer.drafts.size() == 1 ? "" : "it says neither what the image is nor what it is not";
  }
  if (answer.labels.size() == 1) return "";
  return answer.labels.empty() ? "it names no class" : "it names several classes";
}

class Reader {
 public:
  Reader(const std::vector<std::string>& categories) { found_.categories = categories; }

  ReviewedImages read(const std::vector<fs::path>& paths, const std::string& task) {
    std::vector<ReviewedFolder> folders;
    for (const auto& path : paths) folders.push_back(read_reviewed_folder(path, task));
    found_.reviewers = reviewer_trust(folders);
    for (const auto& reviewer : found_.reviewers) trust_[reviewer.reviewer] = reviewer.weight;
    for (const auto& folder : folders) add(folder);
    return std::move(found_);
  }

 private:
  void add(const ReviewedFolder& folder) {
    const auto numbers = numbers_in(found_.categories, folder.log.categories);
    for (const auto& [key, answer] : folder.standing) {
      const AnswerKind kind = kind_of(answer, folder.drafts.task);
      const std::string why = unusable(answer, folder, kind);
      if (!why.empty()) {
        found_.left_out.push_back({key, "answer_unusable", why});
        continue;
      }
      const Sample& sample = folder.drafts.drafted(folder.drafts.at.at(key)).sample;
      ReviewedImage image;
      image.image = key;
      image.folder = folder_name(folder.drafts.folder);
      const auto place = folder.places.find(key);
      if (place != folder.places.end()) image.path = place->second;
      image.sha256 = answer.sha256;
      image.at = answer.at;
      image.width = sample.width;
      image.height = sample.height;
      image.labels = kind == AnswerKind::kRejected ? answer.drafts : answer.labels;
      for (Label& label : image.labels) label.category = numbers[label.category];
      image.kind = kind;
      const bool accepted = kind == AnswerKind::kAccepted;
      image.trust = accepted ? std::max(trust_.at(answer.reviewer), kLeastTrust) : 1;
      found_.images.push_back(std::move(image));
    }
  }

  static std::string folder_name(const fs::path& folder) {
    const auto whole = fs::weakly_canonical(fs::absolute(folder));
    return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
  }

  ReviewedImages found_;
  std::map<std::string, double> trust_;  // of a reviewer's accepted drafts
};

}  // namespace

const char* answer_kind_name(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::kBlind:
      return "blind";
    case AnswerKind::kEdited:
      return "edited";
    case AnswerKind::kAccepted:
      return "accepted";
    case AnswerKind::kRejected:
      return "rejected";
  }
  return "";
}

ReviewedImages read_reviewed(const std::vector<fs::path>& folders,
                             const std::vector<std::string>& categories, const std::string& task) {
  return Reader(categories).read(folders, task);
}

}  // namespace preannotate
