#pragma once

#include <string>
#include <vector>

#include "preannotate/data/dataset.h"

namespace preannotate {

/// Categories while a file is read that names them in its labels: a label holds a number of the
/// table until finish() gives it its place.
class CategoryTable {
 public:
  /// What a configuration beside the labels lists, in its order: from then on no other name is
  /// accepted. Throws UserError for a name that is there twice or unusable.
  void list(const std::string& name, const std::string& where);
  /// The number of a name. Throws UserError(kBadInput) "<where>: category ... is not in <listing>",
  /// with the nearest, or for an unusable one. `listing`: what is called the list.
  int number(const std::string& name, const std::string& where, const std::string& listing);

  /// Categories as listed, else sorted by name; labels get the index of theirs.
  void finish(Dataset& dataset) const;

  bool listed() const { return listed_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, int> numbers_;
  bool listed_ = false;
};

}  // namespace preannotate
