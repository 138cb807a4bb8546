#include "import_faults.h"

#include <algorithm>

#include "preannotate/core/text.h"

namespace preannotate {
namespace {

constexpr size_t kMostFaults = 100;
constexpr size_t kNamedPlaces = 5;

/// Equal faults differ in their numbers only.
std::string without_numbers(const std::string& message) {
  std::string kind;
  for (const char c : message) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) kind += c;
    if (digit && !kind.ends_with('0')) kind += '0';
  }
  return kind;
}

/// How long the place is that `message` begins with: `place`, perhaps with lines, "a.xml:7: ...".
size_t place_length(const std::string& message, const std::string& place) {
  if (!message.starts_with(place)) return 0;
  const auto end = message.find_first_not_of(":0123456789", place.size());
  return end != message.npos && end > 0 && message[end] == ' ' && message[end - 1] == ':' ? end - 1
                                                                                          : 0;
}

}  // namespace

void ImportFaults::add(std::string place, std::string message) {
  if (const size_t length = place_length(message, place)) {
    place = message.substr(0, length);
    message.erase(0, length + 2);
  }
  faults_.push_back({std::move(place), std::move(message)});
  if (!options_.repair && faults_.size() == kMostFaults) fail();
}

void ImportFaults::finish(std::vector<Problem>& problems) {
  if (faults_.empty()) return;
  if (!options_.repair) fail();
  for (const Fault& fault : faults_)
    problems.push_back({file_.string(), "faulty", fault.place + ": " + fault.message});
  faults_.clear();
}

void ImportFaults::fail() const {
  struct Group {
    std::string message;              // of the first
    std::vector<std::string> places;  // of all
  };
  std::vector<Group> groups;            // by first appearance
  std::map<std::string, size_t> index;  // by the message without its numbers
  for (const Fault& fault : faults_) {
    const auto [group, added] = index.try_emplace(without_numbers(fault.message), groups.size());
    if (added) groups.push_back({fault.message, {}});
    groups[group->second].places.push_back(fault.place);
  }
  constexpr std::string_view kLine = "line ";
  if (faults_.size() == 1 && faults_[0].place.starts_with(kLine)) {
    throw ImportError(
        file_.string() + ":" + faults_[0].place.substr(kLine.size()) + ": " + faults_[0].message,
        faults_);
  }
  std::string text = file_.string() + ": ";
  if (faults_.size() > 1) {
    text += (faults_.size() == kMostFaults ? "at least " : "") + std::to_string(faults_.size()) +
            " faults: ";
  }
  for (const Group& group : groups) {
    if (&group != &groups.front()) text += "; ";
    text += group.places[0] + ": " + group.message;
    const std::vector<std::string> others(group.places.begin() + 1, group.places.end());
    if (!others.empty()) text += " (also " + join_names(others, kNamedPlaces) + ")";
  }
  throw ImportError(text, faults_);
}

void ImportNotes::add(const std::string& reason, const std::string& place,
                      const std::string& what) {
  Note& note = notes_[reason];
  if (note.count++ == 0) {
    note.place = place;
    note.what = what;
  }
}

void ImportNotes::move_to(std::vector<Problem>& problems, const std::string& input) {
  for (const auto& [reason, note] : notes_) {
    const auto times = note.count == 1 ? "" : human_count(note.count) + " times, first ";
    problems.push_back({input, reason, times + "at " + note.place + ": " + note.what});
  }
  notes_.clear();
}

}  // namespace preannotate
