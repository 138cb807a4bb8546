#include "preannotate/serve/review_queue.h"

#include <algorithm>

namespace preannotate {

ReviewQueue::ReviewQueue(std::vector<int> groups)
    : groups_(std::move(groups)), deciders_(groups_.size()) {
  for (size_t item = 0; item < groups_.size(); ++item) {
    open_.insert(open_.end(), item);
    if (groups_[item] == kNoGroup) continue;
    auto& of_group = open_of_[groups_[item]];
    if (of_group.empty()) group_order_.push_back(groups_[item]);
    of_group.insert(of_group.end(), item);
  }
}

std::vector<size_t> ReviewQueue::take(const std::string& reviewer, size_t count,
                                      std::optional<int> group, const std::set<size_t>& held,
                                      Time now) {
  renew(reviewer, now);
  const std::set<size_t>& among = group ? open_of_[*group] : open_;
  const std::set<size_t>& skipped = reviewers_[reviewer].skipped;
  std::vector<size_t> taken;
  for (const size_t item : among) {
    if (taken.size() >= count) break;
    if (held.contains(item) || skipped.contains(item)) continue;
    if (!leased_to_other(item, reviewer, now)) taken.push_back(item);
  }
  for (const size_t item : taken) leases_[item] = reviewer;
  return taken;
}

void ReviewQueue::renew(const std::string& reviewer, Time now) {
  reviewers_[reviewer].until = now + kLease;
}

void ReviewQueue::lease(size_t item, const std::string& reviewer, Time now) {
  renew(reviewer, now);
  leases_[item] = reviewer;
}

void ReviewQueue::decide(size_t item, const std::string& reviewer) {
  open_.erase(item);
  if (groups_.at(item) != kNoGroup) open_of_[groups_[item]].erase(item);
  for (auto& [name, other] : reviewers_) other.skipped.erase(item);
  leases_.erase(item);
  deciders_[item] = reviewer;
  reviewers_[reviewer].history.push_back(item);
}

void ReviewQueue::skip(size_t item, const std::string& reviewer) {
  if (!open_.contains(item)) return;
  Reviewer& by = reviewers_[reviewer];
  by.skipped.insert(item);
  by.history.push_back(item);
  const auto lease = leases_.find(item);
  if (lease != leases_.end() && lease->second == reviewer) leases_.erase(lease);
}

void ReviewQueue::reopen(size_t item) {
  open_.insert(item);
  if (groups_.at(item) != kNoGroup) open_of_[groups_[item]].insert(item);
  for (auto& [name, reviewer] : reviewers_) reviewer.skipped.erase(item);
  deciders_[item].clear();
}

void ReviewQueue::undo(size_t item, const std::string& reviewer) {
  Reviewer& by = reviewers_[reviewer];
  const auto last = std::find(by.history.rbegin(), by.history.rend(), item);
  if (last != by.history.rend()) by.history.erase(std::next(last).base());
  by.skipped.erase(item);
  if (decided(item)) reopen(item);
}

std::optional<size_t> ReviewQueue::last_of(const std::string& reviewer) const {
  const auto found = reviewers_.find(reviewer);
  if (found == reviewers_.end()) return {};
  const Reviewer& by = found->second;
  for (auto item = by.history.rbegin(); item != by.history.rend(); ++item) {
    if (deciders_[*item] == reviewer || by.skipped.contains(*item)) return *item;
  }
  return {};
}

bool ReviewQueue::leased_to_other(size_t item, const std::string& reviewer, Time now) const {
  return !holder(item, reviewer, now).empty();
}

std::string ReviewQueue::holder(size_t item, const std::string& reviewer, Time now) const {
  const auto lease = leases_.find(item);
  if (lease == leases_.end() || lease->second == reviewer) return "";
  return reviewers_.at(lease->second).until > now ? lease->second : "";
}

size_t ReviewQueue::left(const std::string& reviewer) const {
  const auto found = reviewers_.find(reviewer);
  return open_.size() - (found == reviewers_.end() ? 0 : found->second.skipped.size());
}

std::vector<std::pair<int, size_t>> ReviewQueue::groups_left(const std::string& reviewer) const {
  std::map<int, size_t> skipped;
  const auto found = reviewers_.find(reviewer);
  if (found != reviewers_.end()) {
    for (const size_t item : found->second.skipped) ++skipped[groups_[item]];
  }
  std::vector<std::pair<int, size_t>> left;
  for (const int group : group_order_) {
    const size_t open = open_of_.at(group).size() - skipped[group];
    if (open > 0) left.emplace_back(group, open);
  }
  return left;
}

}  // namespace preannotate
