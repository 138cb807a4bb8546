#pragma once

#include <vector>

namespace preannotate {

/// A share with its interval, all in [0, 1].
struct Interval {
  double value = 0, low = 0, high = 1;
};

/// Wilson score interval of `hits` in `total` at confidence 0.95 (Wilson 1927); total > 0.
Interval share_with_interval(long hits, long total);

struct ClassFigures {
  long support = 0;    // items of this class
  long predicted = 0;  // items given this class
  long hits = 0;
  double precision = 0, recall = 0, f1 = 0;  // 0 where not defined; has_* says so
  bool has_precision = false, has_recall = false;
};

/// Of a single-label classifier.
struct Accuracy {
  long items = 0, hits = 0;
  Interval accuracy;
  double macro_f1 = 0;                       // mean over the classes with support
  std::vector<ClassFigures> classes;         // [C]
  std::vector<std::vector<long>> confusion;  // [true][predicted]
};

/// truth[i], predicted[i] in [0, classes); predicted -1 means none was given (a miss).
Accuracy accuracy_of(const std::vector<int>& truth, const std::vector<int>& predicted, int classes);

/// Of a multi-label classifier at given decisions: per class counts over all images, micro and
/// macro F1, and subset (exact-match) accuracy. truth and predicted: [N][C] 0/1.
struct MultilabelFigures {
  long items = 0;
  Interval exact_match;
  double micro_f1 = 0, macro_f1 = 0;
  std::vector<ClassFigures> classes;
};
MultilabelFigures multilabel_figures(const std::vector<std::vector<int>>& truth,
                                     const std::vector<std::vector<int>>& predicted, int classes);

}  // namespace preannotate
