#pragma once

#include <memory>
#include <optional>

#include "head_choice.h"
#include "preannotate/pipeline/rank.h"

namespace preannotate {

/// What backbones are ranked on: whole images, or crops of the objects in them.
class RankSource {
 public:
  virtual ~RankSource() = default;
  /// What the heads learn. The first look drops what cannot be read.
  virtual const Seed& items() const = 0;
  /// The same items in the same order for every backbone. What cannot be read goes to `problems`
  /// the first time.
  virtual LabelledFeatures look(const Backbone& backbone, Problems& problems) = 0;
  virtual Division divide(const LabelledFeatures& features) const = 0;
  /// Extraction afresh, images a second, without the cache: of one round over some.
  virtual double images_per_s(const Backbone& backbone) const = 0;
  /// Further figures of this backbone for rank.json.
  virtual void add_figures(const Backbone&, Json&) const {}
};

/// The options must outlive the result.
std::unique_ptr<RankSource> rank_images(const RankOptions& options, Seed seed);
std::unique_ptr<RankSource> rank_crops(const RankOptions& options, Seed seed);

}  // namespace preannotate
