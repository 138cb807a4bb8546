#pragma once

#include "preannotate/metrics/accuracy.h"

namespace preannotate {

/// I_x(a, b), the distribution function of Beta(a, b); x in [0, 1], a and b > 0. Continued fraction
/// of DLMF 8.17.22, evaluated by Lentz's method.
double beta_distribution(double x, double a, double b);

/// Clopper and Pearson's 95 % interval of `hits` in `total`, which need not be whole: a sample with
/// clusters is worth fewer.
Interval beta_interval(double hits, double total);

}  // namespace preannotate
