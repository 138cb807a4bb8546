#pragma once

#include <vector>

#include "preannotate/quality/thresholds.h"

namespace preannotate {

/// P(right) = sigmoid(a + b logit(score) + u[category]): logistic regression with normal priors,
/// a ~ N(0, 0.5^2), b ~ N(1, 0.3^2), u ~ N(0, 0.5^2), by Newton's method, and Laplace's
/// approximation of what is not known about it.
class TrustModel {
 public:
  TrustModel(const std::vector<JudgedDraft>& drafts, int categories);

  double probability(int category, double score) const;

  /// The least score of the category with at least this probability; above 1 when there is none.
  double score_at(int category, double probability) const;

  /// A value for a, b and each u.
  struct Terms {
    double a = 0, b = 0;
    std::vector<double> u;
  };

  /// Mean probability of drafts that are added one by one, and its standard error.
  class Mean {
   public:
    explicit Mean(const TrustModel& model);
    void add(const JudgedDraft& draft);
    double value() const { return sum_ / drafts_; }
    double error() const;

   private:
    const TrustModel& model_;
    double drafts_ = 0, sum_ = 0;
    Terms slope_;  // of the sum
  };

 private:
  double logit_of(const JudgedDraft& draft) const;
  double objective(const std::vector<JudgedDraft>& drafts) const;
  Terms gradient(const std::vector<JudgedDraft>& drafts);
  Terms solve(const Terms& right_side) const;
  void move(const Terms& step, double length);

  Terms terms_;
  // The curvature: of a and b, of each u, and of each u with a and b; different u share none.
  double aa_ = 0, ab_ = 0, bb_ = 0;
  std::vector<double> uu_, au_, bu_;
};

}  // namespace preannotate
