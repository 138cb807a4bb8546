#pragma once

#include <string>
#include <vector>

#include "preannotate/data/ledger.h"
#include "preannotate/model/detect.h"
#include "preannotate/model/frame_stream.h"
#include "preannotate/model/run_folder.h"
#include "preannotate/quality/thresholds.h"

namespace preannotate {

/// A candidate that is less likely than this needs no look.
inline constexpr double kUnlikelyBox = 0.1;

/// What predict and evaluate may change of a run's settings.
struct BoxOptions {
  std::vector<double> conf;  // [classes] calibrated score from which a box is shown
  DetectOptions detect;
  bool agnostic = false;  // boxes outshone by one of another class are not shown
  bool tta = false;       // mirrored view too
  int workers = 2, batch = 4;
  DecodeOptions decode;
};

/// The run's own settings; `conf` for all classes when given.
BoxOptions box_options(const DetectorSettings& settings, std::optional<double> conf);

/// Stream options that turn images into the run's boxes with calibrated scores, best first. `run`,
/// `backbone` and `options` must outlive the stream.
FrameOptions box_stream(const Run& run, const Backbone& backbone, const BoxOptions& options);

/// The scores from which a shown box is taken to be right: 0.9 for all classes.
AcceptScores usual_accept_scores(size_t classes);

/// The ledger's entry for an image with these boxes: those of at least conf[class] as labels, the
/// others as candidates. Bucket accept when all shown boxes reach the score of their class in
/// `accept` and no candidate is likely.
LedgerEntry draft_boxes(const LoadedImage& image, const std::string& key,
                        const std::vector<DraftBox>& boxes, const RunManifest& run,
                        const std::vector<double>& conf, const AcceptScores& accept);

}  // namespace preannotate
