#include "feature_evidence.h"

#include "preannotate/quality/log_me.h"

namespace preannotate {

namespace {

std::vector<double> numbers(const torch::Tensor& values) {
  const auto whole = values.to(torch::kFloat64).contiguous();
  const double* first = whole.const_data_ptr<double>();
  return {first, first + whole.numel()};
}

}  // namespace

/// From the smaller of F F^T and F^T F, whose eigenvalues are the squared singular values.
double feature_evidence(const torch::Tensor& features, const torch::Tensor& targets) {
  const auto f = features.to(torch::kFloat64), y = targets.to(torch::kFloat64);
  const bool wide = f.size(1) >= f.size(0);
  const auto [values, vectors] = at::linalg_eigh(wide ? f.mm(f.t()) : f.t().mm(f));
  // Below it, an eigenvalue is what rounding left of 0.
  constexpr double kNothing = 1e-12;
  const auto real = values.gt(kNothing * values.max()).nonzero().flatten();
  const auto squares = values.index_select(0, real);
  const auto axes = vectors.index_select(1, real);
  const auto projected =
      wide ? axes.t().mm(y) : axes.t().mm(f.t().mm(y)) / squares.sqrt().unsqueeze(1);  // [K, C]

  FeatureSpectrum spectrum;
  spectrum.rows = static_cast<size_t>(f.size(0));
  spectrum.squares = numbers(squares);
  for (std::int64_t c = 0; c < y.size(1); ++c) {
    spectrum.projected.push_back(numbers(projected.select(1, c)));
  }
  spectrum.squared_norms = numbers(y.square().sum(0));
  return log_me(spectrum);
}

}  // namespace preannotate
