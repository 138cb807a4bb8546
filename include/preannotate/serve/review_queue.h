#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace preannotate {

/// Who is asked what next: images in the order in which they are to be asked, which of them are
/// decided, who has which before him, who passed which. Names of items are their places in that
/// order. Plain state: no file, no clock of its own. An item that is given to a reviewer is leased:
/// nobody else gets it until kLease has passed without a word of that reviewer.
class ReviewQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes kLease{10};
  static constexpr int kNoGroup = -1;

  /// `groups`: of each item, >= 0 where it can be asked for with others of its group.
  explicit ReviewQueue(std::vector<int> groups);

  /// The next `count` items for `reviewer`, of one group when it is given, without those of `held`
  /// (which the reviewer has already). Leases them, and renews what the reviewer has.
  std::vector<size_t> take(const std::string& reviewer, size_t count, std::optional<int> group,
                           const std::set<size_t>& held, Time now);
  /// The reviewer is still there.
  void renew(const std::string& reviewer, Time now);
  void lease(size_t item, const std::string& reviewer, Time now);

  void decide(size_t item, const std::string& reviewer);
  /// Not asked of this reviewer again.
  void skip(size_t item, const std::string& reviewer);
  /// What the reviewer decided or skipped is open again, for him.
  void undo(size_t item, const std::string& reviewer);
  /// To be asked again, also of those who skipped it.
  void reopen(size_t item);

  /// The last item that the reviewer decided or skipped with nobody having decided it since.
  std::optional<size_t> last_of(const std::string& reviewer) const;
  bool decided(size_t item) const { return !open_.contains(item); }
  /// Who decided it; "" while it is open.
  const std::string& decider(size_t item) const { return deciders_.at(item); }
  /// Who has it leased besides `reviewer`; "" for nobody.
  std::string holder(size_t item, const std::string& reviewer, Time now) const;

  size_t size() const { return groups_.size(); }
  size_t decided() const { return size() - open_.size(); }
  /// Open and not skipped by `reviewer`.
  size_t left(const std::string& reviewer) const;
  /// The same for each group that has any, in the order in which the groups come.
  std::vector<std::pair<int, size_t>> groups_left(const std::string& reviewer) const;

 private:
  struct Reviewer {
    std::set<size_t> skipped;     // open items
    std::vector<size_t> history;  // what was decided or skipped, the last one last
    Time until{};                 // the leases hold
  };
  bool leased_to_other(size_t item, const std::string& reviewer, Time now) const;

  std::vector<int> groups_;                  // [items]
  std::vector<std::string> deciders_;        // [items]
  std::vector<int> group_order_;             // groups as they first appear
  std::set<size_t> open_;                    // items
  std::map<int, std::set<size_t>> open_of_;  // the same by group
  std::map<size_t, std::string> leases_;     // reviewer by item
  std::map<std::string, Reviewer> reviewers_;
};

}  // namespace preannotate
