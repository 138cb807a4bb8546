#include "head_check.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

void check_targets(const HeadData& data, std::int64_t n) {
  const auto& targets = data.targets;
  TORCH_CHECK_VALUE(targets.device().is_cpu(), "fit_head: targets must be on the CPU");
  if (data.link == Link::kSoftmax) {
    TORCH_CHECK_VALUE(
        targets.dim() == 1 && targets.size(0) == n && targets.scalar_type() == torch::kInt64,
        "fit_head: targets must be [", n, "] int64, got ", targets.sizes());
    TORCH_CHECK_VALUE(targets.min().item<std::int64_t>() >= 0 &&
                          targets.max().item<std::int64_t>() < data.classes,
                      "fit_head: a target is not in [0, ", data.classes, ")");
  } else {
    TORCH_CHECK_VALUE(
        targets.dim() == 2 && targets.size(0) == n && targets.size(1) == data.classes &&
            targets.scalar_type() == torch::kFloat32,
        "fit_head: targets must be [", n, ", ", data.classes, "] float32, got ", targets.sizes());
  }
}

void check_groups(const HeadData& data, const std::vector<int>& fold_of_group, std::int64_t n) {
  TORCH_CHECK_VALUE(std::ssize(data.group) == n && std::ssize(data.plain) == n, "fit_head: ", n,
                    " rows, but ", data.group.size(), " groups and ", data.plain.size(),
                    " plain flags");
  const int groups = 1 + *std::max_element(data.group.begin(), data.group.end());
  TORCH_CHECK_VALUE(fold_of_group.empty() || std::ssize(fold_of_group) == groups,
                    "fit_head: ", groups, " groups, but folds of ", fold_of_group.size());
  std::vector<int> plain_rows(groups, 0);
  for (std::int64_t row = 0; row < n; ++row) {
    TORCH_CHECK_VALUE(data.group[row] >= 0, "fit_head: group ", data.group[row]);
    if (data.plain[row]) ++plain_rows[data.group[row]];
  }
  for (int count : plain_rows) {
    TORCH_CHECK_VALUE(count <= 1, "fit_head: a group has ", count, " plain rows");
  }
}

void check_trust(const HeadData& data, const std::vector<int>& fold_of_group, std::int64_t n) {
  TORCH_CHECK_VALUE(data.trust.empty() || std::ssize(data.trust) == n, "fit_head: ", n,
                    " rows, but trust in ", data.trust.size());
  for (const double trust : data.trust) {
    TORCH_CHECK_VALUE(trust > 0 && trust <= 1, "fit_head: trust ", trust, " is not in (0, 1]");
  }
  if (data.rejected.empty()) return;
  TORCH_CHECK_VALUE(data.link == Link::kSoftmax && std::ssize(data.rejected) == n,
                    "fit_head: rejected targets are for [", n, "] rows of a softmax");
  for (std::int64_t row = 0; row < n; ++row) {
    TORCH_CHECK_VALUE(
        !data.rejected[row] || fold_of_group.empty() || fold_of_group[data.group[row]] < 0,
        "fit_head: a rejected row validates nothing");
  }
  TORCH_CHECK_VALUE(
      std::find(data.rejected.begin(), data.rejected.end(), false) != data.rejected.end(),
      "fit_head: every row is rejected");
}

void check_prior(const HeadData& data, const HeadPrior& prior) {
  const auto& head = prior.head;
  const auto columns = data.features.size(1);
  TORCH_CHECK_VALUE(
      head.weight.dim() == 2 && head.weight.size(1) == columns && head.mean.size(0) == columns,
      "fit_head: the prior is of ", head.weight.sizes(), ", the features of ", columns, " columns");
  TORCH_CHECK_VALUE(head.weight.size(0) <= data.classes, "fit_head: the prior has ",
                    head.weight.size(0), " classes, the data ", data.classes);
  const int groups = 1 + *std::max_element(data.group.begin(), data.group.end());
  TORCH_CHECK_VALUE(std::ssize(prior.known) == groups, "fit_head: ", groups,
                    " groups, but the prior tells of ", prior.known.size());
}

}  // namespace

void check_head_data(const HeadData& data, const std::vector<int>& fold_of_group,
                     const HeadOptions& options) {
  const auto& x = data.features;
  TORCH_CHECK_VALUE(x.dim() == 2 && x.size(0) > 0 && x.size(1) > 0 &&
                        x.scalar_type() == torch::kFloat32 && x.device().is_cpu(),
                    "fit_head: features must be [N, D] float32 on the CPU, got ", x.sizes());
  TORCH_CHECK_VALUE(data.classes > 0, "fit_head: no classes");
  check_targets(data, x.size(0));
  check_groups(data, fold_of_group, x.size(0));
  check_trust(data, fold_of_group, x.size(0));
  if (options.prior) check_prior(data, *options.prior);
  for (auto width : data.blocks) TORCH_CHECK_VALUE(width > 0, "fit_head: a block of width ", width);
  const auto blocks = std::accumulate(data.blocks.begin(), data.blocks.end(), std::int64_t{0});
  TORCH_CHECK_VALUE(data.blocks.empty() || blocks == x.size(1), "fit_head: blocks of ", blocks,
                    " columns, features of ", x.size(1));
  for (double lambda : options.lambdas) {
    TORCH_CHECK_VALUE(std::isfinite(lambda) && lambda > 0, "fit_head: lambda ", lambda);
  }
  const auto bad = x.isfinite().all(1).logical_not().nonzero();
  if (bad.size(0) > 0) {
    throw UserError(
        kDiverged, "training diverged: the backbone gave features that are not finite for ",
        bad.size(0), " of ", x.size(0), " rows, the first is row ", bad[0][0].item<std::int64_t>());
  }
}

bool is_validated(const HeadData& data, const std::vector<int>& fold_of_group) {
  if (fold_of_group.empty()) return false;
  for (size_t row = 0; row < data.group.size(); ++row) {
    const int fold = fold_of_group[data.group[row]];
    if (!data.plain[row] || fold < 0) continue;
    if (std::any_of(data.group.begin(), data.group.end(),
                    [&](int group) { return fold_of_group[group] != fold; })) {
      return true;
    }
  }
  return false;
}

}  // namespace preannotate
