#include "box_drafting.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "map_summary.h"

namespace preannotate {

namespace {

// A shown box at least this sure needs no second look.
constexpr double kSure = 0.9;

std::string object_text(const DraftBox& draft, const std::string& category) {
  char text[96];
  std::snprintf(text, sizeof text, " %.2f %.2f %.2f %.2f", draft.box.x1, draft.box.y1, draft.box.x2,
                draft.box.y2);
  return category + text;
}

}  // namespace

BoxOptions box_options(const DetectorSettings& settings, std::optional<double> conf) {
  BoxOptions options;
  options.conf = conf ? std::vector<double>(settings.conf.size(), *conf) : settings.conf;
  options.detect.sigma = settings.sigma;
  options.detect.iou = settings.iou;
  options.agnostic = settings.agnostic;
  options.detect.max_det = settings.max_det;
  return options;
}

FrameOptions box_stream(const Run& run, const Backbone& backbone, const BoxOptions& options) {
  const DetectorSettings& settings = *run.manifest.detector;
  const bool tiles = settings.view.tile_scale > 0;
  FrameOptions stream;
  stream.frame = settings.view.frame;
  stream.largest_zoom = tiles ? 1e6 : 1;
  stream.workers = options.workers;
  stream.batch = options.batch;
  stream.decode = options.decode;
  stream.placements = [&settings, tta = options.tta](int width, int height, size_t) {
    auto placements = placements_of(width, height, settings.view);
    if (tta) {
      const size_t plain = placements.size();
      for (size_t i = 0; i < plain; ++i) {
        placements.push_back(placements[i]);
        placements.back().flip_x = true;
      }
    }
    return placements;
  };
  std::vector<int> strides;
  for (const auto& level : backbone.map_levels()) strides.push_back(level.stride);
  const auto detector =
      std::make_shared<const Detector>(run.detector->for_inference(backbone.device()));
  stream.work = [detector, &settings, &options, strides](PlacedImage& item,
                                                         const std::vector<torch::Tensor>& maps) {
    // Mirrored views stand behind the plain ones.
    std::vector<size_t> plain(item.placements.size() / (options.tta ? 2 : 1));
    std::iota(plain.begin(), plain.end(), size_t{0});
    item.summary = map_summary(maps, plain);
    DetectOptions detect_options = options.detect;
    detect_options.alike_views = options.tta ? 2 : 1;
    auto boxes = detect(*detector, maps_for(settings.shape, strides, maps), item.placements,
                        settings.view.frame, item.image.width, item.image.height, detect_options);
    for (auto& box : boxes) {
      box.score = settings.score_maps[static_cast<size_t>(box.category)](box.score);
    }
    std::stable_sort(boxes.begin(), boxes.end(),
                     [](const DraftBox& a, const DraftBox& b) { return a.score > b.score; });
    if (options.agnostic) mark_outshone(boxes, options.detect.iou);
    return boxes;
  };
  return stream;
}

AcceptScores usual_accept_scores(size_t classes) {
  return AcceptScores(classes, kSure);
}

LedgerEntry draft_boxes(const LoadedImage& image, const std::string& key,
                        const std::vector<DraftBox>& boxes, const RunManifest& run,
                        const std::vector<double>& conf, const AcceptScores& accept) {
  LedgerEntry entry;
  entry.sample.image = key;
  entry.sample.width = image.width;
  entry.sample.height = image.height;
  entry.orientation = image.orientation;
  entry.sha256 = image.sha256;
  double least_sure = 1;
  bool sure = true;
  for (const auto& draft : boxes) {
    const auto category = static_cast<size_t>(draft.category);
    const bool shown = draft.score >= conf[category] && !draft.outshone;
    least_sure = std::min(least_sure, std::max(draft.score, 1 - draft.score));
    sure = sure &&
           (shown ? is_accepted(accept, draft.category, draft.score) : draft.score < kUnlikelyBox);
    Label label{draft.category, draft.score, draft.box, ""};
    if (shown) {
      label.id =
          draft_id(key, entry.sha256, run.model_version, object_text(draft, run.classes[category]));
    }
    (shown ? entry.sample.labels : entry.candidates).push_back(label);
  }
  const bool empty = entry.sample.labels.empty();
  entry.status = empty ? "empty" : "done";
  entry.sample.bucket = !sure ? "review" : empty ? "empty" : "accept";
  entry.sample.uncertainty = 2 * (1 - least_sure);
  return entry;
}

}  // namespace preannotate
