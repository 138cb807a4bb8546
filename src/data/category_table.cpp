#include "category_table.h"

#include <algorithm>
#include <numeric>

#include "names.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"

namespace preannotate {

void CategoryTable::list(const std::string& name, const std::string& where) {
  check_category_name(name, where);
  if (!numbers_.try_emplace(name, static_cast<int>(names_.size())).second)
    throw UserError(kBadInput, where, ": category '", name, "' is there twice; keep one");
  names_.push_back(name);
  listed_ = true;
}

int CategoryTable::number(const std::string& name, const std::string& where,
                          const std::string& listing) {
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  if (listed_) {
    const auto nearest = nearest_name(name, names_);
    throw UserError(kBadInput, where, ": category '", name, "' is not in ", listing,
                    nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
  }
  check_category_name(name, where);
  const int number = static_cast<int>(names_.size());
  numbers_[name] = number;
  names_.push_back(name);
  return number;
}

void CategoryTable::finish(Dataset& dataset) const {
  std::vector<int> order(names_.size());
  std::iota(order.begin(), order.end(), 0);
  if (!listed_) {
    std::sort(order.begin(), order.end(), [&](int a, int b) {
      return names_[static_cast<size_t>(a)] < names_[static_cast<size_t>(b)];
    });
  }
  std::vector<int> index(names_.size());
  for (const int number : order) {
    index[static_cast<size_t>(number)] = static_cast<int>(dataset.categories.size());
    dataset.categories.push_back(names_[static_cast<size_t>(number)]);
  }
  for (Sample& sample : dataset.samples) {
    for (Label& label : sample.labels) label.category = index[static_cast<size_t>(label.category)];
  }
}

}  // namespace preannotate
