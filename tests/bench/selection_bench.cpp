// Learning curves of labels that `select` chooses against labels drawn at random, on features that
// `train --dump-features` wrote: a third of the images judges, the rest is the unlabelled pool.
//
//     preannotate_selection_bench FOLDER EMBEDDING START STEP END FIRST_SPLIT SPLITS METHOD...
//
// FOLDER: features.npy [N, D] float32 and targets.npy [N] int64. EMBEDDING: columns of the
// embedding; the others are pooled maps. Prints a JSON object a line: method, split, accuracy with
// all labels ("full") or "labels" and "accuracy" at each round.

#include <torch/torch.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "preannotate/core/files.h"
#include "preannotate/core/random.h"
#include "preannotate/data/split.h"
#include "preannotate/model/classifier.h"
#include "preannotate/pipeline/batch_choice.h"
#include "preannotate/quality/calibration.h"

namespace preannotate {
namespace {

torch::Tensor read_npy(const std::filesystem::path& path, torch::Dtype type) {
  const std::string bytes = read_file(path);
  const size_t begin =
      10 + static_cast<unsigned char>(bytes.at(8)) + 256 * static_cast<unsigned char>(bytes.at(9));
  return torch::from_blob(const_cast<char*>(bytes.data()) + begin,
                          {static_cast<int64_t>((bytes.size() - begin) / torch::elementSize(type))},
                          type)
      .clone();
}

struct Images {
  torch::Tensor features;  // [N, D]
  std::vector<int> classes;
  int64_t embedding = 0;
  int class_count = 0;
};

Images read_images(const std::filesystem::path& folder, int64_t embedding) {
  Images images;
  const auto targets = read_npy(folder / "targets.npy", torch::kInt64);
  images.features = read_npy(folder / "features.npy", torch::kFloat32).view({targets.size(0), -1});
  for (int64_t i = 0; i < targets.size(0); ++i)
    images.classes.push_back(static_cast<int>(targets[i].item<int64_t>()));
  images.class_count = *std::max_element(images.classes.begin(), images.classes.end()) + 1;
  images.embedding = embedding;
  return images;
}

torch::Tensor rows_at(const torch::Tensor& all, const std::vector<size_t>& rows) {
  return all.index_select(
      0, torch::tensor(std::vector<int64_t>(rows.begin(), rows.end()), torch::kInt64));
}

/// As train fits it: embedding or embedding and maps, by out-of-fold log-loss.
struct Model {
  LinearHead head;
  bool maps = false;
  double temperature = 1;
};

class Trial {
 public:
  Trial(const Images& images, std::uint64_t split) : images_(images), split_(split) {
    std::vector<size_t> order(images.classes.size());
    std::iota(order.begin(), order.end(), size_t{0});
    Random random(1000 + split);
    random.shuffle(order);
    const size_t third = order.size() / 3;
    test_.assign(order.begin(), order.begin() + third);
    pool_.assign(order.begin() + third, order.end());
  }

  double full() const { return accuracy(fitted(pool_)); }
  nlohmann::json curve(const std::string& method, size_t start, size_t step, size_t end) const;

 private:
  Model fitted(const std::vector<size_t>& labelled) const;
  double accuracy(const Model& model) const;
  torch::Tensor scores(const Model& model, const std::vector<size_t>& rows) const;
  std::vector<size_t> first(const std::string& method, size_t budget) const;
  std::vector<size_t> next(const std::string& method, const std::vector<size_t>& labelled,
                           const Model& model, size_t budget) const;
  torch::Tensor embedding(const std::vector<size_t>& rows) const {
    return rows_at(images_.features, rows).slice(1, 0, images_.embedding).contiguous();
  }

  const Images& images_;
  std::uint64_t split_;
  std::vector<size_t> test_, pool_;
};

Model Trial::fitted(const std::vector<size_t>& labelled) const {
  std::vector<int> classes;
  for (const size_t row : labelled) classes.push_back(images_.classes[row]);
  HeadData data;
  data.features = rows_at(images_.features, labelled);
  data.targets = torch::tensor(std::vector<int64_t>(classes.begin(), classes.end()), torch::kInt64);
  data.group.resize(labelled.size());
  std::iota(data.group.begin(), data.group.end(), 0);
  data.plain.assign(labelled.size(), true);
  data.blocks = {images_.embedding};
  if (images_.features.size(1) > images_.embedding)
    data.blocks.push_back(images_.features.size(1) - images_.embedding);
  data.classes = images_.class_count;
  HeadOptions options;
  options.threads = 1;
  auto folds = stratified_folds(classes, 5, 0);
  if (std::none_of(folds.begin(), folds.end(), [](int fold) { return fold >= 0; })) folds.clear();
  HeadFit plain = fit_head(with_columns(data, 0, images_.embedding), folds, options);
  Model model{plain.head, false, 1};
  const auto least = [](const HeadFit& fit) {
    double loss = std::numeric_limits<double>::infinity();
    for (const auto& point : fit.path) loss = std::min(loss, point.log_loss);
    return loss;
  };
  HeadFit both;
  HeadFit* taken = &plain;
  if (data.blocks.size() > 1 && !folds.empty()) {
    both = fit_head(data, folds, options);
    if (least(both) < least(plain)) {
      model = {both.head, true, 1};
      taken = &both;
    }
  }
  if (folds.empty()) return model;
  std::vector<std::vector<double>> logits;
  std::vector<int> truth;
  for (size_t i = 0; i < classes.size(); ++i) {
    const auto row = taken->out_of_fold[static_cast<int64_t>(i)].contiguous();
    if (row.isnan().any().item<bool>()) continue;
    logits.emplace_back(row.data_ptr<float>(), row.data_ptr<float>() + row.size(0));
    truth.push_back(classes[i]);
  }
  model.temperature = fit_temperature(logits, truth);
  return model;
}

torch::Tensor Trial::scores(const Model& model, const std::vector<size_t>& rows) const {
  const auto features = model.maps ? rows_at(images_.features, rows) : embedding(rows);
  return torch::softmax(model.head.logits(features) / model.temperature, 1);
}

double Trial::accuracy(const Model& model) const {
  const auto best = scores(model, test_).argmax(1);
  size_t right = 0;
  for (size_t i = 0; i < test_.size(); ++i)
    right += best[static_cast<int64_t>(i)].item<int64_t>() == images_.classes[test_[i]];
  return static_cast<double>(right) / static_cast<double>(test_.size());
}

FeatureRows rows_of(const torch::Tensor& tensor) {
  return {{tensor.const_data_ptr<float>(), static_cast<size_t>(tensor.numel())},
          static_cast<size_t>(tensor.size(1))};
}

std::vector<size_t> at(const std::vector<size_t>& all, const std::vector<size_t>& positions) {
  std::vector<size_t> result;
  for (const size_t position : positions) result.push_back(all[position]);
  return result;
}

std::vector<size_t> random_part(std::vector<size_t> rows, size_t count, std::uint64_t seed) {
  Random random(seed);
  random.shuffle(rows);
  rows.resize(std::min(rows.size(), count));
  return rows;
}

std::vector<size_t> Trial::first(const std::string& method, size_t budget) const {
  if (method.starts_with("random"))
    return random_part(pool_, budget, 77 * split_ + std::hash<std::string>()(method));
  const auto features = embedding(pool_);
  return at(pool_, cold_start(rows_of(features), budget, split_));
}

std::vector<size_t> Trial::next(const std::string& method, const std::vector<size_t>& labelled,
                                const Model& model, size_t budget) const {
  std::vector<size_t> left;
  const std::set<size_t> known(labelled.begin(), labelled.end());
  for (const size_t row : pool_) {
    if (!known.contains(row)) left.push_back(row);
  }
  const std::uint64_t seed = 1000 * split_ + labelled.size();
  if (method.starts_with("random"))
    return random_part(left, budget, seed + std::hash<std::string>()(method));
  const auto best = std::get<0>(scores(model, left).topk(2, 1));
  std::vector<double> uncertainty;
  for (int64_t i = 0; i < best.size(0); ++i)
    uncertainty.push_back(1 - (best[i][0].item<double>() - best[i][1].item<double>()));
  const auto classes = scores(model, left).argmax(1);
  std::vector<int> predicted;
  for (int64_t i = 0; i < classes.size(0); ++i)
    predicted.push_back(static_cast<int>(classes[i].item<int64_t>()));
  std::vector<size_t> counts(static_cast<size_t>(images_.class_count), 0);
  for (const size_t row : labelled) ++counts[static_cast<size_t>(images_.classes[row])];
  if (method == "unbalanced") counts.clear();
  const auto features = embedding(left), old = embedding(labelled);
  const Batch batch = choose_batch(
      {rows_of(features), uncertainty, predicted, rows_of(old), counts}, {budget, 0.15, seed});
  std::vector<size_t> chosen = at(left, batch.chosen);
  const auto blind = at(left, batch.blind);
  chosen.insert(chosen.end(), blind.begin(), blind.end());
  return chosen;
}

nlohmann::json Trial::curve(const std::string& method, size_t start, size_t step,
                            size_t end) const {
  nlohmann::json labels = nlohmann::json::array(), accuracies = nlohmann::json::array();
  std::vector<size_t> labelled = first(method, start);
  for (;;) {
    const Model model = fitted(labelled);
    labels.push_back(labelled.size());
    accuracies.push_back(accuracy(model));
    if (labelled.size() >= end || labelled.size() >= pool_.size()) break;
    for (const size_t row : next(method, labelled, model, step)) labelled.push_back(row);
  }
  return {{"method", method}, {"split", split_}, {"labels", labels}, {"accuracy", accuracies}};
}

}  // namespace
}  // namespace preannotate

int main(int argc, char** argv) {
  using namespace preannotate;
  if (argc < 9) {
    std::cerr << "FOLDER EMBEDDING START STEP END FIRST_SPLIT SPLITS METHOD...\n";
    return 2;
  }
  at::set_num_threads(1);
  const auto number = [&](int i) { return std::stoull(argv[i]); };
  const Images images = read_images(argv[1], static_cast<int64_t>(number(2)));
  for (std::uint64_t split = number(6); split < number(6) + number(7); ++split) {
    const Trial trial(images, split);
    for (int i = 8; i < argc; ++i) {
      const std::string method = argv[i];
      const nlohmann::json line =
          method == "full"
              ? nlohmann::json{{"method", "full"}, {"split", split}, {"full", trial.full()}}
              : trial.curve(method, number(3), number(4), number(5));
      std::cout << line.dump() << std::endl;
    }
  }
}
