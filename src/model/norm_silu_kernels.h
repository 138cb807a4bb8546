#pragma once

#include <cstdint>

namespace preannotate {

/// Plain loops over [rows, channels] float32 in memory, for norm_silu(); channels a multiple of 8.
struct RowsOfChannels {
  std::int64_t rows = 0, channels = 0;
};

/// sum[c], squares[c]: of x - centre[c] over the rows, and of its square.
void channel_sums(const float* x, const float* centre, RowsOfChannels size, double* sum,
                  double* squares);

/// y = silu(scale[c] * x + offset[c]).
void scaled_silu(const float* x, const float* scale, const float* offset, RowsOfChannels size,
                 float* y);

/// d_z = d_y * silu'(z) with z = scale[c] * x + offset[c]; of each channel the sums over the rows
/// of d_z and of d_z * (x - centre[c]).
void silu_gradient(const float* x, const float* d_y, const float* scale, const float* offset,
                   const float* centre, RowsOfChannels size, float* d_z, double* sum,
                   double* product);

/// d_z <- a[c] * d_z + b[c] * (x - centre[c]) + d[c].
void norm_gradient(const float* x, const float* centre, const float* a, const float* b,
                   const float* d, RowsOfChannels size, float* d_z);

}  // namespace preannotate
