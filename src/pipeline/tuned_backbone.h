#pragma once

#include <memory>
#include <string>

#include "preannotate/model/backbone.h"

namespace preannotate {

/// `before` with other weights: `bytes` is the file that fine-tuning made of it.
std::unique_ptr<Backbone> tuned_backbone(const Backbone& before, const std::string& bytes);

}  // namespace preannotate
