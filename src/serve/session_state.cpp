#include "session_state.h"

#include <unordered_map>

#include "preannotate/core/error.h"
#include "preannotate/core/text.h"

namespace preannotate {

namespace {

constexpr const char* kVia = "review";
constexpr size_t kLongestName = 100;  // bytes

std::optional<Selection> selection_of(const DraftSet& drafts, const std::string& name) {
  if (name.empty()) return {};
  Selection selection = read_selection(drafts.folder, name, drafts.categories);
  if (is_blind_sample(selection)) check_same_drafts(selection, digest_of(drafts));
  return selection;
}

std::vector<int> groups_of(const std::vector<AskedImage>& asked) {
  std::vector<int> groups;
  for (const AskedImage& image : asked) groups.push_back(image.group);
  return groups;
}

/// Before the log is touched.
SessionOptions checked(const SessionOptions& options) {
  for (const auto& name : options.classes) {
    if (name.empty() || !is_valid_utf8(name) || printable(name) != name)
      throw UserError(kUsageError, "--classes '", name, "': expected names of classes");
  }
  if (!options.reviewer.empty()) checked_name(options.reviewer, kUsageError);
  return options;
}

}  // namespace

std::string checked_name(const std::string& name, ExitCode code) {
  const bool blank = name.find_first_not_of(' ') == name.npos;
  if (blank || name.size() > kLongestName || !is_valid_utf8(name) || printable(name) != name)
    throw UserError(code, code == kUsageError ? "--reviewer '" : "reviewer '", name,
                    "': expected a name of 1 to ", kLongestName,
                    " bytes without control characters");
  return name;
}

SessionState::SessionState(const SessionOptions& given)
    : options(checked(given)),
      drafts(read_draft_set(given.drafts)),
      selection(selection_of(drafts, given.selection)),
      queue({}),
      writer_(given.drafts) {
  const AnswerLog log = read_answer_log(drafts.folder, drafts.categories);
  categories = log.categories;
  for (const auto& name : options.classes) {
    if (category_index(categories, name) < 0) categories.push_back(name);
  }
  asked = asked_images(drafts, log, selection);
  queue = ReviewQueue(groups_of(asked));
  replay(log);
}

void SessionState::replay(const AnswerLog& log) {
  std::unordered_map<std::string_view, size_t> items;
  for (size_t item = 0; item < asked.size(); ++item) items[entry(item).sample.image] = item;
  for (const Answer& answer : log.answers) {
    const auto item = items.find(answer.image);
    if (item == items.end() || !settles(answer, asked[item->second], selection)) continue;
    apply(item->second, answer);
  }
}

/// What was not said on the page for this selection is nobody's here: it is not asked again, and
/// undo does not reach it.
void SessionState::apply(size_t item, const Answer& answer) {
  const bool own = answer.via == kVia && answer.selection == options.selection;
  const std::string reviewer = own ? answer.reviewer : "";
  if (answer.action == "labels") {
    if (own && !queue.decided(item)) paces[reviewer].add(answer.seconds);
    queue.decide(item, reviewer);
  } else if (answer.action == "skipped") {
    queue.skip(item, reviewer);
  } else if (answer.action == "conflict") {
    queue.reopen(item);
  } else {
    if (queue.decided(item) && own) paces[queue.decider(item)].take_back();
    queue.undo(item, reviewer);
  }
  if (answer.action == "labels" || answer.action == "skipped") {
    last_.insert_or_assign(item, answer);
  } else {
    last_.erase(item);
  }
}

void SessionState::record(const std::vector<std::pair<size_t, Answer>>& given) {
  std::vector<Answer> lines;
  for (const auto& [item, answer] : given) lines.push_back(answer);
  writer_.append(lines, categories);
  for (const auto& [item, answer] : given) {
    if (answer.action == "labels" && !queue.decided(item))
      fresh[answer.reviewer].add(answer.seconds);
    if (answer.action == "undone" && queue.decided(item)) fresh[answer.reviewer].take_back();
    apply(item, answer);
  }
}

Answer SessionState::about(size_t item, const std::string& reviewer) const {
  const LedgerEntry& of = entry(item);
  Answer answer;
  answer.at = utc_now();
  answer.image = of.sample.image;
  answer.sha256 = of.sha256;
  answer.reviewer = reviewer;
  answer.via = kVia;
  if (selection) {
    answer.selection = selection->name;
    answer.purpose = selection->purpose;
  }
  answer.shown = shown_word(asked[item]);
  if (!asked[item].blind) answer.model_version = drafts.model_version;
  answer.drafts = shown(item);
  return answer;
}

const Answer* SessionState::last(size_t item) const {
  const auto found = last_.find(item);
  return found == last_.end() ? nullptr : &found->second;
}

}  // namespace preannotate
