#pragma once

#include "preannotate/pipeline/doctor.h"
#include "preannotate/pipeline/evaluate.h"
#include "preannotate/pipeline/issues.h"
#include "preannotate/pipeline/predict.h"
#include "preannotate/pipeline/rank.h"
#include "preannotate/pipeline/runs.h"
#include "preannotate/pipeline/select_label.h"
#include "preannotate/pipeline/simulate.h"
#include "preannotate/pipeline/statistics_page.h"
#include "preannotate/pipeline/train.h"
#include "preannotate/pipeline/update.h"
#include "preannotate/serve/export_html.h"
#include "preannotate/serve/review.h"

namespace preannotate::cli {

/// The pipelines that commands call, by address: they lie in a library of their own, which
/// load_pipelines() loads.
struct Pipelines {
  TrainResult (*train)(const TrainOptions&);
  PredictResult (*predict)(const PredictOptions&);
  EvaluateResult (*evaluate)(const EvaluateOptions&);
  RankResult (*rank)(const RankOptions&);
  IssuesResult (*find_issues)(const IssuesOptions&);
  SimulateResult (*simulate)(const SimulateOptions&);
  SelectLabelResult (*select_label)(const SelectLabelOptions&);
  Diagnosis (*diagnose)();
  ReviewResult (*review)(const ReviewOptions&);
  ExportHtmlResult (*export_html)(const ExportHtmlOptions&);
  UpdateResult (*update)(const UpdateOptions&);
  RunsResult (*list_runs)(const RunsOptions&);
  std::string (*statistics_page)(const Json&);
};

/// Loads them, once, and libtorch with them: a third of a second. Says `first_line` on stderr
/// before, so that a person sees at once what the program is at. Throws UserError kBug when the
/// library is not where the program was built or installed, or does not load.
const Pipelines& load_pipelines(const std::string& first_line);

}  // namespace preannotate::cli

/// What the library gives.
extern "C" const preannotate::cli::Pipelines* preannotate_pipelines();
