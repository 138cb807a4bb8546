#include "trust_model.h"

#include <algorithm>
#include <cmath>

#include "preannotate/quality/calibration.h"

namespace preannotate {
namespace {

/// Scores of 0 and 1 get the logit of this distance from them.
constexpr double kLeastScore = 1e-6;
constexpr double kWeightA = 1 / (0.5 * 0.5), kWeightB = 1 / (0.3 * 0.3), kWeightU = 1 / (0.5 * 0.5);
constexpr double kLeastSlope = 0.05;  // below, the score says nothing
constexpr int kMostSteps = 50;

double logit(double p) {
  p = std::clamp(p, kLeastScore, 1 - kLeastScore);
  return std::log(p / (1 - p));
}

/// -ln sigmoid(z), without overflow.
double loss_of(double z) {
  return std::max(-z, 0.0) + std::log1p(std::exp(-std::abs(z)));
}

}  // namespace

TrustModel::TrustModel(const std::vector<JudgedDraft>& drafts, int categories) {
  terms_.b = 1;
  terms_.u.assign(static_cast<size_t>(categories), 0.0);
  double now = objective(drafts);
  for (int i = 0; i < kMostSteps; ++i) {
    const Terms step = solve(gradient(drafts));
    const Terms start = terms_;
    double length = 1, next = now;
    for (;; length /= 2) {
      terms_ = start;
      move(step, length);
      next = objective(drafts);
      if (next <= now || length < 1e-6) break;
    }
    const double gained = now - next;
    now = next;
    if (gained < 1e-10 * (1 + now)) break;
  }
  gradient(drafts);  // the curvature at the end
}

double TrustModel::logit_of(const JudgedDraft& draft) const {
  return terms_.a + terms_.b * logit(draft.score) + terms_.u[static_cast<size_t>(draft.category)];
}

/// Minus the logarithm of likelihood times priors.
double TrustModel::objective(const std::vector<JudgedDraft>& drafts) const {
  double sum = 0;
  for (const auto& draft : drafts) sum += loss_of(draft.right ? logit_of(draft) : -logit_of(draft));
  sum += 0.5 * kWeightA * terms_.a * terms_.a;
  sum += 0.5 * kWeightB * (terms_.b - 1) * (terms_.b - 1);
  for (const double u : terms_.u) sum += 0.5 * kWeightU * u * u;
  return sum;
}

/// Of the likelihood, uphill; the curvature on the way.
TrustModel::Terms TrustModel::gradient(const std::vector<JudgedDraft>& drafts) {
  Terms slope{-kWeightA * terms_.a, -kWeightB * (terms_.b - 1), {}};
  for (const double u : terms_.u) slope.u.push_back(-kWeightU * u);
  aa_ = kWeightA, ab_ = 0, bb_ = kWeightB;
  uu_.assign(terms_.u.size(), kWeightU);
  au_.assign(terms_.u.size(), 0);
  bu_.assign(terms_.u.size(), 0);
  for (const auto& draft : drafts) {
    const auto c = static_cast<size_t>(draft.category);
    const double x = logit(draft.score), p = sigmoid(logit_of(draft)), w = p * (1 - p);
    const double slack = (draft.right ? 1 : 0) - p;
    slope.a += slack, slope.b += slack * x, slope.u[c] += slack;
    aa_ += w, ab_ += w * x, bb_ += w * x * x;
    uu_[c] += w, au_[c] += w, bu_[c] += w * x;
  }
  return slope;
}

/// curvature^-1 right_side: the u are eliminated, each alone.
TrustModel::Terms TrustModel::solve(const Terms& right_side) const {
  double aa = aa_, ab = ab_, bb = bb_, ra = right_side.a, rb = right_side.b;
  for (size_t c = 0; c < uu_.size(); ++c) {
    aa -= au_[c] * au_[c] / uu_[c];
    ab -= au_[c] * bu_[c] / uu_[c];
    bb -= bu_[c] * bu_[c] / uu_[c];
    ra -= au_[c] * right_side.u[c] / uu_[c];
    rb -= bu_[c] * right_side.u[c] / uu_[c];
  }
  const double determinant = aa * bb - ab * ab;
  Terms solution{(bb * ra - ab * rb) / determinant, (aa * rb - ab * ra) / determinant, {}};
  for (size_t c = 0; c < uu_.size(); ++c) {
    solution.u.push_back((right_side.u[c] - au_[c] * solution.a - bu_[c] * solution.b) / uu_[c]);
  }
  return solution;
}

void TrustModel::move(const Terms& step, double length) {
  terms_.a += length * step.a;
  terms_.b += length * step.b;
  for (size_t c = 0; c < terms_.u.size(); ++c) terms_.u[c] += length * step.u[c];
}

double TrustModel::probability(int category, double score) const {
  return sigmoid(logit_of({category, score, false, 0}));
}

double TrustModel::score_at(int category, double probability) const {
  constexpr double kNever = 2;
  if (terms_.b < kLeastSlope) return kNever;
  const double common = logit(probability) - terms_.a - terms_.u[static_cast<size_t>(category)];
  const double x = common / terms_.b;
  return x > logit(1) ? kNever : sigmoid(x);
}

TrustModel::Mean::Mean(const TrustModel& model) : model_(model) {
  slope_.u.assign(model.terms_.u.size(), 0.0);
}

void TrustModel::Mean::add(const JudgedDraft& draft) {
  const double p = sigmoid(model_.logit_of(draft)), w = p * (1 - p);
  ++drafts_;
  sum_ += p;
  slope_.a += w;
  slope_.b += w * logit(draft.score);
  slope_.u[static_cast<size_t>(draft.category)] += w;
}

double TrustModel::Mean::error() const {
  const Terms solved = model_.solve(slope_);
  double variance = slope_.a * solved.a + slope_.b * solved.b;
  for (size_t c = 0; c < slope_.u.size(); ++c) variance += slope_.u[c] * solved.u[c];
  return std::sqrt(std::max(0.0, variance)) / drafts_;
}

}  // namespace preannotate
