#include "preannotate/pipeline/train.h"

#include "classifier_training.h"
#include "detector_data.h"
#include "detector_training.h"
#include "training_options.h"

namespace preannotate {

TrainResult train(const TrainOptions& options) {
  check_options(options);
  Seed seed = read_seed(options.data, options.format, options.task);
  check_task_options(options, seed.task);
  if (seed.task != "detect") return train_classifier_run(options, std::move(seed));
  read_missing_sizes(seed.dataset, options.data);
  return train_detector_run(options, std::move(seed));
}

}  // namespace preannotate
