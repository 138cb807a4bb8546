#include "norm_silu_kernels.h"

#include <algorithm>
#include <vector>

#include "lanes.h"
#include "preannotate/core/each_cpu.h"

namespace preannotate {

namespace {

// Sums of this many rows in float before they are added in double.
constexpr std::int64_t kRowsASum = 64;

typedef std::int32_t LanesOfInt __attribute__((vector_size(32), aligned(4), may_alias));

/// exp(x) for x in [-87, 87], to 2e-7 of its value: x = n ln 2 + r, with the sixth Taylor
/// polynomial on |r| <= ln 2 / 2 and n written into the exponent.
inline __attribute__((always_inline)) Lanes exponential(Lanes x) {
  x = x > 87.0f ? Lanes{} + 87.0f : x;
  x = x < -87.0f ? Lanes{} - 87.0f : x;
  // Adding 1.5 * 2^23 rounds to a whole number.
  constexpr float kRounder = 12582912.0f;
  const Lanes n = (x * 1.44269504f + kRounder) - kRounder;
  const Lanes r = x - n * 0.693359375f + n * 2.12194440e-4f;
  Lanes p = r * (1.0f / 720) + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const LanesOfInt power = (__builtin_convertvector(n, LanesOfInt) + 127) << 23;
  return p * reinterpret_cast<const Lanes&>(power);
}

inline __attribute__((always_inline)) Lanes sigmoid(Lanes z) {
  return 1.0f / (1.0f + exponential(-z));
}

void add_to(double* total, std::vector<float>& part) {
  for (size_t c = 0; c < part.size(); ++c) total[c] += part[c];
  std::fill(part.begin(), part.end(), 0.0f);
}

PREANNOTATE_EACH_CPU
void sums_of_rows(const float* x, const float* centre, RowsOfChannels size, float* sum,
                  float* squares) {
  for (std::int64_t row = 0; row < size.rows; ++row, x += size.channels) {
    for (std::int64_t c = 0; c < size.channels; c += kLanes) {
      const Lanes d = LOAD(x + c) - LOAD(centre + c);
      STORE(sum + c, LOAD(sum + c) + d);
      STORE(squares + c, LOAD(squares + c) + d * d);
    }
  }
}

PREANNOTATE_EACH_CPU
void silu_of_rows(const float* x, const float* scale, const float* offset, RowsOfChannels size,
                  float* y) {
  for (std::int64_t row = 0; row < size.rows; ++row, x += size.channels, y += size.channels) {
    for (std::int64_t c = 0; c < size.channels; c += kLanes) {
      const Lanes z = LOAD(x + c) * LOAD(scale + c) + LOAD(offset + c);
      STORE(y + c, z * sigmoid(z));
    }
  }
}

PREANNOTATE_EACH_CPU
void silu_gradient_of_rows(const float* x, const float* d_y, const float* scale,
                           const float* offset, const float* centre, RowsOfChannels size,
                           float* d_z, float* sum, float* product) {
  const std::int64_t step = size.channels;
  for (std::int64_t row = 0; row < size.rows; ++row, x += step, d_y += step, d_z += step) {
    for (std::int64_t c = 0; c < step; c += kLanes) {
      const Lanes z = LOAD(x + c) * LOAD(scale + c) + LOAD(offset + c);
      const Lanes s = sigmoid(z);
      const Lanes d = LOAD(d_y + c) * s * (1.0f + z * (1.0f - s));
      STORE(d_z + c, d);
      STORE(sum + c, LOAD(sum + c) + d);
      STORE(product + c, LOAD(product + c) + d * (LOAD(x + c) - LOAD(centre + c)));
    }
  }
}

PREANNOTATE_EACH_CPU
void norm_gradient_of_rows(const float* x, const float* centre, const float* a, const float* b,
                           const float* d, RowsOfChannels size, float* d_z) {
  for (std::int64_t row = 0; row < size.rows; ++row, x += size.channels, d_z += size.channels) {
    for (std::int64_t c = 0; c < size.channels; c += kLanes) {
      STORE(d_z + c, LOAD(a + c) * LOAD(d_z + c) + LOAD(b + c) * (LOAD(x + c) - LOAD(centre + c)) +
                         LOAD(d + c));
    }
  }
}

}  // namespace

void channel_sums(const float* x, const float* centre, RowsOfChannels size, double* sum,
                  double* squares) {
  std::vector<float> s(size.channels), q(size.channels);
  for (std::int64_t row = 0; row < size.rows; row += kRowsASum) {
    const RowsOfChannels part{std::min(kRowsASum, size.rows - row), size.channels};
    sums_of_rows(x + row * size.channels, centre, part, s.data(), q.data());
    add_to(sum, s);
    add_to(squares, q);
  }
}

void scaled_silu(const float* x, const float* scale, const float* offset, RowsOfChannels size,
                 float* y) {
  silu_of_rows(x, scale, offset, size, y);
}

void silu_gradient(const float* x, const float* d_y, const float* scale, const float* offset,
                   const float* centre, RowsOfChannels size, float* d_z, double* sum,
                   double* product) {
  std::vector<float> s(size.channels), p(size.channels);
  for (std::int64_t row = 0; row < size.rows; row += kRowsASum) {
    const RowsOfChannels part{std::min(kRowsASum, size.rows - row), size.channels};
    const std::int64_t at = row * size.channels;
    silu_gradient_of_rows(x + at, d_y + at, scale, offset, centre, part, d_z + at, s.data(),
                          p.data());
    add_to(sum, s);
    add_to(product, p);
  }
}

void norm_gradient(const float* x, const float* centre, const float* a, const float* b,
                   const float* d, RowsOfChannels size, float* d_z) {
  norm_gradient_of_rows(x, centre, a, b, d, size, d_z);
}

}  // namespace preannotate
