#include "asked_images.h"

#include <algorithm>
#include <map>
#include <set>

#include "preannotate/core/error.h"
#include "preannotate/serve/review_queue.h"

namespace preannotate {

namespace {

/// Of several labels that of the one that most needs a look: the least sure.
int predicted_class(const std::vector<Label>& labels) {
  const auto least = std::min_element(
      labels.begin(), labels.end(),
      [](const Label& a, const Label& b) { return a.score.value_or(1) < b.score.value_or(1); });
  return least == labels.end() ? ReviewQueue::kNoGroup : least->category;
}

std::set<std::string> disputed(const AnswerLog& log) {
  std::set<std::string> images;
  for (const Answer& answer : log.answers) {
    if (answer.shown == "honeypot") continue;
    if (answer.action == "conflict") images.insert(answer.image);
    if (answer.action == "labels") images.erase(answer.image);
  }
  return images;
}

std::vector<AskedImage> of_bucket_review(const DraftSet& drafts, const AnswerLog& log) {
  const auto conflicts = disputed(log);
  std::vector<AskedImage> asked;
  for (size_t item = 0; item < drafts.pool.size(); ++item) {
    const Sample& sample = drafts.drafted(item).sample;
    if (sample.bucket == "review" || conflicts.contains(sample.image)) asked.push_back({item});
  }
  std::stable_sort(asked.begin(), asked.end(), [&](const AskedImage& a, const AskedImage& b) {
    return drafts.drafted(a.item).sample.uncertainty > drafts.drafted(b.item).sample.uncertainty;
  });
  return asked;
}

std::vector<AskedImage> of_selection(const DraftSet& drafts, const Selection& selection) {
  std::map<std::string, const Honeypot*> planted;
  for (const Honeypot& honeypot : selection.honeypots) planted[honeypot.image] = &honeypot;
  const std::set<std::string> blind(selection.blind.begin(), selection.blind.end());
  std::vector<AskedImage> asked;
  for (const auto& image : selection.images) {
    const auto at = drafts.at.find(image);
    if (at == drafts.at.end())
      throw UserError(kBadInput, selection_folder(drafts.folder, selection.name) / "selection.json",
                      ": image '", image, "' is not in the drafts");
    const auto honeypot = planted.find(image);
    asked.push_back({at->second, honeypot == planted.end() ? nullptr : honeypot->second,
                     is_blind_sample(selection) || blind.contains(image)});
  }
  return asked;
}

/// Same classes together, the class with most images first.
void group(std::vector<AskedImage>& asked, const DraftSet& drafts) {
  std::map<int, size_t> sizes;
  for (AskedImage& image : asked) {
    image.group = predicted_class(shown_labels(image, drafts));
    ++sizes[image.group];
  }
  std::stable_sort(asked.begin(), asked.end(), [&](const AskedImage& a, const AskedImage& b) {
    const size_t of_a = sizes[a.group], of_b = sizes[b.group];
    return of_a != of_b ? of_a > of_b : unsigned(a.group) < unsigned(b.group);  // none: last
  });
}

/// Both keep their order.
std::vector<AskedImage> evenly_mixed(const std::vector<AskedImage>& a,
                                     const std::vector<AskedImage>& b) {
  std::vector<AskedImage> mixed;
  for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    // (i + 1/2) / |a| against (j + 1/2) / |b|, in whole numbers.
    const bool next_is_a =
        j == b.size() || (i < a.size() && (2 * i + 1) * b.size() <= (2 * j + 1) * a.size());
    mixed.push_back(next_is_a ? a[i++] : b[j++]);
  }
  return mixed;
}

}  // namespace

std::vector<AskedImage> asked_images(const DraftSet& drafts, const AnswerLog& log,
                                     const std::optional<Selection>& selection) {
  const auto all = selection ? of_selection(drafts, *selection) : of_bucket_review(drafts, log);
  std::vector<AskedImage> seen, blind;
  for (const AskedImage& image : all) (image.blind ? blind : seen).push_back(image);
  group(seen, drafts);
  return evenly_mixed(seen, blind);
}

const std::vector<Label>& shown_labels(const AskedImage& asked, const DraftSet& drafts) {
  static const std::vector<Label> none;
  if (asked.blind) return none;
  return asked.planted ? asked.planted->labels : drafts.drafted(asked.item).sample.labels;
}

bool settles(const Answer& answer, const AskedImage& asked,
             const std::optional<Selection>& selection) {
  if (asked.planted) return answer.shown == "honeypot" && answer.selection == selection->name;
  if (answer.shown == "honeypot") return false;
  const bool own_sample = asked.blind && is_blind_sample(*selection);
  return !own_sample || answer.selection == selection->name;
}

const char* shown_word(const AskedImage& asked) {
  return asked.planted ? "honeypot" : asked.blind ? "blind" : "draft";
}

}  // namespace preannotate
