#include "labelled_features.h"

#include <cmath>
#include <cstring>

#include "preannotate/core/log.h"
#include "preannotate/quality/calibration.h"
#include "stopwatch.h"

namespace preannotate {

LabelledFeatures extract_features(const Backbone& backbone, const Dataset& dataset,
                                  const FeatureOptions& options, Problems& problems) {
  const Stopwatch watch;
  std::vector<std::string> paths;
  for (const auto& sample : dataset.samples) paths.push_back(image_file(dataset, sample).string());
  Progress progress("images", paths.size());
  FeatureStream stream(backbone, std::move(paths), options);

  LabelledFeatures found;
  found.layout = backbone.layout();
  std::vector<float> values;
  for (size_t i = 0; auto item = stream.next(); ++i) {
    progress.advance();
    if (!item->image.reason.empty()) {
      problems.add({dataset.samples[i].image, item->image.reason, item->image.detail});
      continue;
    }
    found.samples.push_back(i);
    found.sha256.push_back(item->image.sha256);
    values.insert(values.end(), item->features.begin(), item->features.end());
  }
  const auto n = static_cast<int64_t>(found.samples.size());
  const auto views = static_cast<int64_t>(options.views.size());
  found.features = torch::empty({n, views, backbone.layout().total()});
  if (n > 0) {
    std::memcpy(found.features.data_ptr<float>(), values.data(), values.size() * sizeof(float));
  }
  found.seconds = watch.seconds();
  return found;
}

HeadData head_data(const LabelledFeatures& features, const std::vector<size_t>& rows,
                   const Seed& seed, std::int64_t columns) {
  HeadData data;
  data.classes = static_cast<int>(seed.dataset.categories.size());
  data.link = seed.task == "classify" ? Link::kSoftmax : Link::kSigmoid;
  const auto index = torch::tensor(std::vector<int64_t>(rows.begin(), rows.end()), torch::kInt64);
  const int64_t views = features.features.size(1);
  data.features = features.features.index_select(0, index).flatten(0, 1);  // [N * V, D]
  data.blocks = features.layout.maps;
  data.blocks.insert(data.blocks.begin(), features.layout.embedding);
  std::vector<std::vector<int>> labels;
  for (size_t g = 0; g < rows.size(); ++g) {
    for (int64_t view = 0; view < views; ++view) {
      labels.push_back(seed.labels[features.samples[rows[g]]]);
      data.group.push_back(static_cast<int>(g));
      data.plain.push_back(view == 0);
      const size_t sample = features.samples[rows[g]];
      if (!seed.trust.empty()) data.trust.push_back(seed.trust[sample]);
      if (!seed.rejected.empty()) data.rejected.push_back(seed.rejected[sample]);
    }
  }
  data.targets = targets_of(labels, seed.dataset.categories.size(), data.link);
  return with_columns(data, 0, columns);
}

std::vector<std::vector<int>> labels_of(const LabelledFeatures& features, const Seed& seed,
                                        const std::vector<size_t>& rows) {
  std::vector<std::vector<int>> labels;
  for (const size_t row : rows) labels.push_back(seed.labels[features.samples[row]]);
  return labels;
}

torch::Tensor targets_of(const std::vector<std::vector<int>>& labels, size_t classes, Link link) {
  const auto n = static_cast<int64_t>(labels.size());
  if (link == Link::kSoftmax) {
    auto targets = torch::empty({n}, torch::kInt64);
    for (int64_t i = 0; i < n; ++i) targets.data_ptr<int64_t>()[i] = labels[i].at(0);
    return targets;
  }
  auto targets = torch::zeros({n, static_cast<int64_t>(classes)});
  for (int64_t i = 0; i < n; ++i) {
    for (const int category : labels[i]) {
      targets.data_ptr<float>()[i * static_cast<int64_t>(classes) + category] = 1;
    }
  }
  return targets;
}

std::vector<std::vector<double>> rows_of(const torch::Tensor& logits) {
  const auto values = logits.to(torch::kCPU, torch::kFloat64).contiguous();
  std::vector<std::vector<double>> rows(static_cast<size_t>(values.size(0)));
  const double* row = values.const_data_ptr<double>();
  for (auto& out : rows) {
    out.assign(row, row + values.size(1));
    row += values.size(1);
    if (!out.empty() && std::isnan(out[0])) out.clear();
  }
  return rows;
}

std::vector<std::vector<double>> probabilities(const torch::Tensor& logits, Link link,
                                               double temperature) {
  auto rows = rows_of(logits);
  for (auto& row : rows) {
    if (row.empty()) continue;
    if (link == Link::kSoftmax) {
      row = softmax(row, temperature);
    } else {
      for (double& value : row) value = sigmoid(value / temperature);
    }
  }
  return rows;
}

}  // namespace preannotate
