#pragma once

#include "preannotate/metrics/accuracy.h"

namespace preannotate {

/// I_x(a, b), the distribution function of Beta(a, b); x in [0, 1], a and b > 0. Continued fraction
/// of DLMF 8.17.22, evaluated by Lentz's method.
double beta_distribution(double x, double a, double b);

/// The share in a source without end, from `hits` in `trials` (Clopper and Pearson 1934), which
/// need not be whole: a sample with clusters is worth fewer. [0, 1] without trials.
Interval clopper_pearson(double hits, double trials, double confidence);

}  // namespace preannotate
