#pragma once

#include <vector>

#include "preannotate/model/classifier.h"

namespace preannotate {

/// c10::ValueError where shapes, types or ranges are not as classifier.h says;
/// UserError(kDiverged) where a feature is not finite.
void check_head_data(const HeadData& data, const std::vector<int>& fold_of_group,
                     const HeadOptions& options);

/// Some plain row is validated on by a head that other rows trained.
bool is_validated(const HeadData& data, const std::vector<int>& fold_of_group);

}  // namespace preannotate
