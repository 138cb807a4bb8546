#pragma once

#include <torch/types.h>

namespace preannotate {

/// Rows in the coordinates of their own span's principal axes.
///
/// A penalised linear model's weights lie in the span of the rows it saw, and |W| is the same in
/// any orthonormal basis, so fitting on `rows` and mapping back with `basis` is the fit on the
/// rows themselves, with fewer and uncorrelated columns.
struct RowSpan {
  torch::Tensor basis;   // [R, D] float32, orthonormal, R <= min(N, D)
  torch::Tensor rows;    // [N, R] float32: x ~ rows basis
  torch::Tensor energy;  // [R] float64, the mean square of each column of `rows`
};

/// x [N, D] float32, centred, finite. Axes with less than 1e-6 of the largest one's energy are
/// below float32's noise and left out; R is 0 where all rows are equal.
RowSpan row_span(const torch::Tensor& x);

}  // namespace preannotate
