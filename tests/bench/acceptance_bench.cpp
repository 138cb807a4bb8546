// Draws seeds from labelled features, class by class, trains a head on each as `train` does,
// chooses what is accepted for each target precision and counts what that is worth on all other
// images:
//
//   preannotate_acceptance_bench DUMP COLUMNS PER_CLASS DRAWS TARGET...
//
// DUMP is what `train --features embedding+maps --dump-features` wrote of seed and pool together,
// COLUMNS the widths of embedding and maps ("1280,112,320"). One JSON object a draw and target;
// "naive" accepts, class by class, from the least score at which the seed's own precision reaches
// the target.

#include <torch/types.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipeline/acceptance.h"
#include "pipeline/head_choice.h"
#include "preannotate/core/files.h"
#include "preannotate/core/random.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

constexpr int kSide = 224, kFolds = 5;

/// The values of a one-dimensional view of a NumPy file of version 1.
template <class T>
std::vector<T> read_npy(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const size_t header = static_cast<unsigned char>(bytes.at(8)) +
                        256 * static_cast<size_t>(static_cast<unsigned char>(bytes.at(9)));
  const size_t begin = 10 + header;
  std::vector<T> values((bytes.size() - begin) / sizeof(T));
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.end(),
            reinterpret_cast<char*>(values.data()));
  return values;
}

/// All labelled images; a draw takes rows of it.
struct Labelled {
  std::vector<float> features;  // [N, D]
  std::vector<int64_t> labels;  // [N]
  FeatureLayout layout;
  int classes = 0;

  size_t images() const { return labels.size(); }
};

FeatureLayout layout_from(std::string widths) {
  FeatureLayout layout;
  std::replace(widths.begin(), widths.end(), ',', ' ');
  char* at = widths.data();
  layout.embedding = std::strtol(at, &at, 10);
  while (const long width = std::strtol(at, &at, 10)) layout.maps.push_back(width);
  return layout;
}

/// The images of a draw as train sees a seed, or a folder of images.
struct Part {
  LabelledFeatures features;
  Seed seed;
};

Part part_of(const Labelled& all, const std::vector<size_t>& rows) {
  Part part;
  part.seed.task = "classify";
  for (int c = 0; c < all.classes; ++c) part.seed.dataset.categories.push_back(std::to_string(c));
  const auto width = static_cast<size_t>(all.layout.total());
  part.features.layout = all.layout;
  part.features.features = torch::empty({static_cast<int64_t>(rows.size()), 1, all.layout.total()});
  auto* to = part.features.features.mutable_data_ptr<float>();
  for (size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(all.features.data() + rows[i] * width, width, to + i * width);
    part.features.samples.push_back(i);
    part.features.sha256.push_back(std::to_string(rows[i]));
    part.seed.labels.push_back({static_cast<int>(all.labels[rows[i]])});
  }
  return part;
}

Judged judged(const torch::Tensor& logits, double temperature, const Part& part) {
  return {{}, probabilities(logits, Link::kSoftmax, temperature), part.seed.labels};
}

/// The first `per_class` of each class of a shuffled list are the seed, all others the pool.
std::pair<std::vector<size_t>, std::vector<size_t>> drawn(const Labelled& all, int per_class,
                                                          std::uint64_t draw) {
  std::vector<size_t> order(all.images());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  Random(draw).shuffle(order);
  std::vector<int> left(static_cast<size_t>(all.classes), per_class);
  std::pair<std::vector<size_t>, std::vector<size_t>> parts;
  for (const size_t row : order) {
    (left[static_cast<size_t>(all.labels[row])]-- > 0 ? parts.first : parts.second).push_back(row);
  }
  return parts;
}

AcceptScores naive_scores(const Judged& seed, size_t classes, double target) {
  std::vector<std::vector<std::pair<double, bool>>> drafts(classes);
  for (size_t i = 0; i < seed.scores.size(); ++i) {
    if (seed.scores[i].empty()) continue;
    const auto c = static_cast<size_t>(top_class(seed.scores[i]));
    drafts[c].emplace_back(-seed.scores[i][c], static_cast<int>(c) == seed.labels[i].at(0));
  }
  AcceptScores scores(classes);
  for (size_t c = 0; c < classes; ++c) {
    std::sort(drafts[c].begin(), drafts[c].end());
    double right = 0;
    for (size_t n = 1; n <= drafts[c].size(); ++n) {
      right += drafts[c][n - 1].second;
      if (right >= target * static_cast<double>(n)) scores[c] = -drafts[c][n - 1].first;
    }
  }
  return scores;
}

Json counted(const Judged& pool, const AcceptScores& scores) {
  long accepted = 0, right = 0;
  for (size_t i = 0; i < pool.scores.size(); ++i) {
    const int c = top_class(pool.scores[i]);
    if (!is_accepted(scores, c, pool.scores[i][static_cast<size_t>(c)])) continue;
    ++accepted;
    right += c == pool.labels[i].at(0);
  }
  return {{"accepted", accepted}, {"right", right}};
}

void print_draw(const Labelled& all, int per_class, std::uint64_t draw,
                const std::vector<double>& targets) {
  const auto [seed_rows, pool_rows] = drawn(all, per_class, draw);
  const Part seed = part_of(all, seed_rows), rest = part_of(all, pool_rows);
  Json tried = Json::array();
  const auto division = divide(seed.features, seed.seed, 0, kFolds, draw);
  const auto head = choose_head(seed.features, seed.seed, division, all.layout, "auto", kSide,
                                /*threads=*/1, tried);
  const auto own = judged(head.judged, head.temperature, seed);
  const auto columns = head.fit.head.weight.size(1);
  const auto pool =
      judged(head.fit.head.logits(rest.features.features.squeeze(1).slice(1, 0, columns)),
             head.temperature, rest);
  const auto classes = static_cast<size_t>(all.classes);
  for (const double target : targets) {
    const auto acceptance = class_acceptance(own, "classify", classes, target, draw);
    Json line{{"draw", draw}, {"target", target}, {"images", pool_rows.size()}};
    if (const auto& p = acceptance.precision) {
      line["stated"] = {{"value", p->value}, {"low", p->low}, {"high", p->high}};
    }
    line["ours"] = counted(pool, acceptance.scores);
    line["naive"] = counted(pool, naive_scores(own, classes, target));
    std::puts(json_text(line).c_str());
  }
  std::fflush(stdout);
}

}  // namespace
}  // namespace preannotate

int main(int argc, char** argv) {
  using namespace preannotate;
  if (argc < 6) {
    std::fprintf(stderr, "usage: %s DUMP COLUMNS PER_CLASS DRAWS TARGET...\n", argv[0]);
    return 2;
  }
  const std::filesystem::path dump = argv[1];
  Labelled all;
  all.features = read_npy<float>(dump / "features.npy");
  all.labels = read_npy<int64_t>(dump / "targets.npy");
  all.layout = layout_from(argv[2]);
  all.classes = 1 + static_cast<int>(*std::max_element(all.labels.begin(), all.labels.end()));
  if (all.features.size() != all.images() * static_cast<size_t>(all.layout.total())) {
    std::fprintf(stderr, "%s: %zu values for %zu images are not %s columns\n", argv[1],
                 all.features.size(), all.images(), argv[2]);
    return 2;
  }
  std::vector<double> targets;
  for (int i = 5; i < argc; ++i) targets.push_back(std::atof(argv[i]));
  for (int draw = 0; draw < std::atoi(argv[4]); ++draw) {
    print_draw(all, std::atoi(argv[3]), static_cast<std::uint64_t>(draw), targets);
  }
  return 0;
}
