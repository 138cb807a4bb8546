#include "first_batch.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/core/random.h"
#include "preannotate/core/text.h"
#include "preannotate/data/image_list.h"
#include "preannotate/model/device.h"
#include "preannotate/review/selection_output.h"
#include "selection_features.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kFewest = 4000;  // images that are looked at where there are as many

BackboneOptions backbone_of(const SelectLabelOptions& options) {
  BackboneOptions backbone;
  backbone.path = options.backbone.empty() ? default_backbone() : options.backbone;
  backbone.trust = options.trust_backbone;
  backbone.mean = options.mean;
  backbone.std = options.std;
  backbone.device = device_named(options.device);
  return backbone;
}

/// Positions of at most `count` of `all` images, drawn uniformly, ascending.
std::vector<std::size_t> drawn(std::size_t all, std::size_t count, Random& random) {
  std::vector<std::size_t> positions(all);
  std::iota(positions.begin(), positions.end(), std::size_t{0});
  if (all <= count) return positions;
  random.shuffle(positions);
  positions.resize(count);
  std::sort(positions.begin(), positions.end());
  return positions;
}

void check_classes(const std::vector<std::string>& classes) {
  std::set<std::string> seen;
  for (const auto& name : classes) {
    if (name.empty()) throw UserError(kUsageError, "--classes: a name is empty");
    if (!seen.insert(name).second)
      throw UserError(kUsageError, "--classes: '", name, "' is named twice");
  }
}

/// Images without labels, as a selection's output is written from drafts.
DraftSet without_drafts(const SelectLabelOptions& options, const std::vector<std::string>& images) {
  DraftSet set;
  set.sources = {utf8_path(options.images)};
  set.categories = options.classes;
  for (const auto& image : images) {
    LedgerEntry entry;
    entry.sample.image = image;
    set.at.emplace(image, set.pool.size());
    set.pool.push_back(set.entries.size());
    set.entries.push_back(std::move(entry));
  }
  return set;
}

}  // namespace

SelectLabelResult first_batch(const SelectLabelOptions& options) {
  check_classes(options.classes);
  if (!options.formats.empty() && options.classes.empty())
    log_warning("no --classes: the files for other tools name none to choose from");
  OutputFolder output(options.output, options.force, selection_entries());
  Problems problems;
  const auto files = list_images({{options.images}, nullptr, options.output}, problems);
  Selection selection;
  selection.name = utf8_path(options.output.filename());
  selection.purpose = "label";
  selection.seed = options.seed ? *options.seed : unknown_seed();
  selection.pool = files.size();
  Random random(selection.seed);
  std::vector<SelectionImage> images;
  for (const std::size_t i : drawn(files.size(), std::max(kFewest, 4 * options.budget), random))
    images.push_back({files[i].image, files[i].path.string()});
  const Backbone backbone(backbone_of(options));
  const SelectionFeatures found =
      look_at(backbone, images, {options.workers, options.batch, options.decode}, problems);
  if (found.images.empty())
    throw UserError(kBadInput, options.images, ": none of the ", images.size(),
                    " images can be read");
  for (const std::size_t row : cold_start(found.rows(), options.budget, random.next()))
    selection.images.push_back(images[found.images[row]].image);

  SelectLabelResult result;
  result.files = write_selection_output(output.path(), without_drafts(options, selection.images),
                                        selection, options.formats);
  output.commit();
  problems.log_summary(files.size());
  result.folder = options.output;
  result.images = selection.images.size();
  result.pool = selection.pool;
  result.exit_code = options.allow_skipped ? kDone : problems.exit_code();
  return result;
}

}  // namespace preannotate
