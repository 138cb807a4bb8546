#include "preannotate/model/detect.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "preannotate/ops/decode_boxes.h"
#include "preannotate/ops/merge_boxes.h"
#include "preannotate/ops/nms.h"
#include "tile_borders.h"

namespace preannotate {

namespace {

Box clipped(const Box& box, int width, int height) {
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  return {std::clamp(box.x1, 0.0f, w), std::clamp(box.y1, 0.0f, h), std::clamp(box.x2, 0.0f, w),
          std::clamp(box.y2, 0.0f, h)};
}

/// Candidates of all views in image pixels, clipped to the image: what is outside overlaps nothing.
std::vector<TileBox> boxes_in_image(const Candidates& candidates,
                                    const std::vector<Placement>& placements, FrameSize frame,
                                    int width, int height) {
  const auto boxes = candidates.boxes.cpu().contiguous();
  const auto scores = candidates.scores.cpu().contiguous();
  const auto classes = candidates.classes.cpu().contiguous();
  const auto views = candidates.images.cpu().contiguous();
  const auto* box = reinterpret_cast<const Box*>(boxes.const_data_ptr<float>());
  std::vector<TileBox> found;
  for (std::int64_t i = 0; i < scores.size(0); ++i) {
    const auto view = static_cast<int>(views.const_data_ptr<std::int64_t>()[i]);
    const Box whole = from_frame(box[i], placements[static_cast<size_t>(view)], frame);
    const DraftBox draft{clipped(whole, width, height),
                         static_cast<int>(classes.const_data_ptr<std::int64_t>()[i]),
                         scores.const_data_ptr<float>()[i]};
    if (draft.box.width() >= 1 && draft.box.height() >= 1) found.push_back({draft, view});
  }
  return found;
}

std::vector<DraftBox> softly_suppressed(const std::vector<TileBox>& boxes,
                                        const DetectOptions& options) {
  std::vector<Box> corners;
  std::vector<float> scores;
  std::vector<std::int64_t> groups;
  for (const auto& [draft, view] : boxes) {
    corners.push_back(draft.box);
    scores.push_back(static_cast<float>(draft.score));
    groups.push_back(draft.category);
  }
  const auto left = soft_nms({corners, scores, groups}, static_cast<float>(options.sigma),
                             static_cast<float>(options.floor));
  std::vector<DraftBox> drafts;
  for (size_t i = 0; i < left.rows.size(); ++i) {
    drafts.push_back(boxes[static_cast<size_t>(left.rows[i])].draft);
    drafts.back().score = left.scores[i];
  }
  return drafts;
}

std::vector<DraftBox> suppressed(const std::vector<TileBox>& boxes, const DetectOptions& options) {
  const auto n = static_cast<std::int64_t>(boxes.size());
  auto corners = torch::empty({n, 4});
  auto scores = torch::empty({n});
  auto classes = torch::empty({n}, torch::kInt64);
  for (std::int64_t i = 0; i < n; ++i) {
    const DraftBox& draft = boxes[static_cast<size_t>(i)].draft;
    reinterpret_cast<Box*>(corners.mutable_data_ptr<float>())[i] = draft.box;
    scores.mutable_data_ptr<float>()[i] = static_cast<float>(draft.score);
    classes.mutable_data_ptr<std::int64_t>()[i] = draft.category;
  }
  const auto kept = batched_nms(corners, scores, classes, torch::zeros({n}, torch::kInt64),
                                static_cast<float>(options.iou));
  std::vector<DraftBox> drafts;
  for (std::int64_t i = 0; i < kept.size(0); ++i) {
    const auto row = kept.const_data_ptr<std::int64_t>()[i];
    drafts.push_back(boxes[static_cast<size_t>(row)].draft);
  }
  return drafts;
}

// Boxes of two alike views that overlap this much are the same object.
constexpr float kSameObject = 0.55f;

/// What several alike views found: mean boxes; an object that a view missed counts there as 0.
std::vector<DraftBox> fused(const std::vector<DraftBox>& found, int views) {
  std::vector<Box> boxes;
  std::vector<float> scores;
  std::vector<std::int64_t> groups;
  for (const auto& draft : found) {
    boxes.push_back(draft.box);
    scores.push_back(static_cast<float>(draft.score));
    groups.push_back(draft.category);
  }
  std::vector<DraftBox> drafts;
  for (const auto& box : weighted_box_fusion({boxes, scores, groups}, kSameObject)) {
    const double seen = std::min(1.0, static_cast<double>(box.members) / views);
    drafts.push_back({box.box, static_cast<int>(box.group), box.score * seen});
  }
  std::stable_sort(drafts.begin(), drafts.end(),
                   [](const DraftBox& a, const DraftBox& b) { return a.score > b.score; });
  return drafts;
}

}  // namespace

std::vector<torch::Tensor> maps_for(const DetectorShape& shape, const std::vector<int>& map_strides,
                                    const std::vector<torch::Tensor>& maps) {
  std::vector<torch::Tensor> wanted;
  for (size_t i = 0; i < shape.strides.size(); ++i) {
    const auto found = std::find(map_strides.begin(), map_strides.end(), shape.strides[i]);
    const bool has_map = shape.map_channels[i] > 0 && found != map_strides.end();
    wanted.push_back(has_map ? maps[static_cast<size_t>(found - map_strides.begin())]
                             : torch::Tensor());
  }
  return wanted;
}

std::vector<DraftBox> detect(const Detector& detector, const std::vector<torch::Tensor>& maps,
                             const std::vector<Placement>& placements, FrameSize frame, int width,
                             int height, const DetectOptions& options) {
  c10::InferenceMode no_gradients;
  const auto predictions = detector.forward(maps, false);
  const auto points = cell_points(detector.shape().strides, frame.width, frame.height)
                          .to(predictions.logits.device());
  const auto candidates =
      decode_candidates(predictions.distances.contiguous(), points, predictions.logits.sigmoid(),
                        static_cast<float>(options.floor), options.candidates);
  const auto boxes = boxes_in_image(candidates, placements, frame, width, height);
  const int block = static_cast<int>(placements.size()) / options.alike_views;
  std::vector<DraftBox> found;
  for (int first = 0; first < static_cast<int>(placements.size()); first += block) {
    std::vector<TileBox> of_block;
    std::copy_if(boxes.begin(), boxes.end(), std::back_inserter(of_block),
                 [&](const TileBox& box) { return box.tile >= first && box.tile < first + block; });
    if (block > 1) of_block = join_cut_boxes(of_block, placements, frame, width, height);
    const bool soft = options.sigma > 0 && placements.size() == 1;
    const auto left = soft ? softly_suppressed(of_block, options) : suppressed(of_block, options);
    found.insert(found.end(), left.begin(), left.end());
  }
  if (options.alike_views > 1) found = fused(found, options.alike_views);
  if (found.size() > static_cast<size_t>(options.max_det)) {
    found.resize(static_cast<size_t>(options.max_det));
  }
  return found;
}

}  // namespace preannotate
