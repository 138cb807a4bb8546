#include "row_span.h"

#include <torch/torch.h>

namespace preannotate {

RowSpan row_span(const torch::Tensor& x) {
  const auto n = x.size(0), d = x.size(1);
  const bool wide = n < d;
  // The smaller of the two Gram matrices; both have the same eigenvalues but for zeros.
  const auto gram = wide ? torch::mm(x, x.t()) : torch::mm(x.t(), x);
  auto [squares, axes] = torch::linalg_eigh(gram);  // [M] ascending, [M, M] columns

  const double largest = squares[-1].item<double>();
  const auto kept = largest > 0 ? (squares > 1e-6 * largest).nonzero().flatten()
                                : torch::empty({0}, torch::kInt64);
  squares = squares.index_select(0, kept);
  axes = axes.index_select(1, kept);  // [M, R]

  RowSpan span;
  span.energy = squares.to(torch::kFloat64) / static_cast<double>(n);
  if (wide) {
    const auto singular = squares.sqrt();  // [R]
    span.rows = axes * singular;
    span.basis = torch::mm((axes / singular).t(), x);
  } else {
    span.basis = axes.t().contiguous();
    span.rows = torch::mm(x, axes);
  }
  return span;
}

}  // namespace preannotate
