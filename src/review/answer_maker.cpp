#include "answer_maker.h"

#include <algorithm>
#include <cmath>

#include "preannotate/core/hash.h"

namespace preannotate {

namespace {

/// Of what an export says of an image, whatever ids and order its labels have.
std::string digest_of(const ReturnedAnswer& answer, const std::vector<std::string>& categories) {
  std::vector<std::string> lines;
  for (const Label& label : answer.labels) {
    std::string line = categories[static_cast<size_t>(label.category)];
    if (label.box) {
      for (const float side : {label.box->x1, label.box->y1, label.box->x2, label.box->y2}) {
        line += " ";
        line += std::to_string(std::lround(side * 100));
      }
    }
    lines.push_back(line + " " + label.segmentation + "\n");
  }
  std::sort(lines.begin(), lines.end());
  std::string all = answer.image + "\n" + answer.reviewer + "\n" + answer.at + "\n" +
                    (answer.skipped ? "skipped\n" : "labels\n");
  for (const auto& line : lines) all += line;
  return sha256(all);
}

/// As people say it: labels that are still a draft keep its id and place, none has a score.
std::vector<Label> own_labels(const std::vector<Label>& drafts, const std::vector<Label>& said,
                              const Likeness& likeness) {
  std::vector<Label> labels;
  for (const ObjectPair& pair : paired_objects(drafts, said, likeness)) {
    if (pair.after < 0) continue;
    Label label = said[static_cast<size_t>(pair.after)];
    label.id.clear();
    if (pair.before >= 0) {
      const Label& draft = drafts[static_cast<size_t>(pair.before)];
      const bool crowd = label.crowd;
      if (is_unchanged(draft, label, likeness)) label = draft;
      label.crowd = crowd;
      label.id = draft.id;
    }
    label.score.reset();
    labels.push_back(std::move(label));
  }
  return labels;
}

}  // namespace

Likeness likeness_of(const std::string& format, double iou) {
  Likeness likeness;
  likeness.agreed_iou = iou;
  if (format == "label_studio") {
    likeness.still_px = 0.1;
    likeness.still_share = 0;
  }
  return likeness;
}

AnswerMaker::AnswerMaker(const ImportOptions& options, const DraftSet& drafts, std::string format,
                         const std::vector<std::string>& categories)
    : options_(options),
      drafts_(drafts),
      format_(std::move(format)),
      now_(utc_now()),
      categories_(categories),
      likeness_(likeness_of(format_, options.iou)) {
  if (!options.selection.empty())
    selection_ = read_selection(drafts.folder, options.selection, drafts.categories);
}

/// Drafts that a person was shown: none of a blind image, planted ones of a honeypot.
void AnswerMaker::set_shown(const ReturnedAnswer& returned, Answer& answer) const {
  const auto& entry = drafts_.drafted(drafts_.at.at(answer.image));
  answer.drafts = returned.sent ? *returned.sent : entry.sample.labels;
  answer.model_version =
      returned.model_version.empty() ? drafts_.model_version : returned.model_version;
  if (!selection_) return;
  answer.selection = options_.selection;
  answer.purpose = selection_->purpose;
  if (hides_draft(*selection_, answer.image)) {
    answer.shown = "blind";
    answer.drafts.clear();
    answer.model_version.clear();
  }
  for (const Honeypot& honeypot : selection_->honeypots) {
    if (honeypot.image != answer.image) continue;
    answer.shown = "honeypot";
    answer.drafts = honeypot.labels;
  }
}

Answer AnswerMaker::answer_of(const ReturnedAnswer& returned) const {
  Answer answer;
  answer.image = returned.image;
  answer.sha256 = drafts_.drafted(drafts_.at.at(returned.image)).sha256;
  answer.at = returned.at.empty() ? now_ : returned.at;
  answer.reviewer = returned.reviewer.empty() ? options_.reviewer : returned.reviewer;
  answer.via = format_;
  answer.seconds = returned.seconds;
  answer.action = returned.skipped ? "skipped" : "labels";
  answer.returned_sha256 = digest_of(returned, categories_);
  set_shown(returned, answer);
  answer.labels = own_labels(answer.drafts, returned.labels, likeness_);
  return answer;
}

}  // namespace preannotate
