#include "pipelines.h"

#include "preannotate/model/device.h"

const preannotate::cli::Pipelines* preannotate_pipelines() {
  using namespace preannotate;
  static const cli::Pipelines pipelines{.train = train,
                                        .predict = predict,
                                        .evaluate = evaluate,
                                        .rank = rank,
                                        .find_issues = find_issues,
                                        .simulate = simulate,
                                        .select_label = select_label,
                                        .diagnose = diagnose,
                                        .review = review,
                                        .export_html = export_html,
                                        .update = update,
                                        .list_runs = list_runs,
                                        .statistics_page = statistics_page};
  use_one_thread_per_operator();
  return &pipelines;
}
