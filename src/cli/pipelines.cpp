#include "pipelines.h"

#include "preannotate/model/device.h"

const preannotate::cli::Pipelines* preannotate_pipelines() {
  using namespace preannotate;
  static const cli::Pipelines pipelines{train,       predict,  evaluate, rank,
                                        find_issues, simulate, diagnose, review,
                                        export_html, update,   list_runs};
  use_one_thread_per_operator();
  return &pipelines;
}
