#include "for_each.cuh"
#include "kernels.h"

namespace preannotate::ops {

void run_cuda(const FindTaps& body) {
  for_each(body);
}

void run_cuda(const PreprocessPixel& body) {
  for_each(body);
}

}  // namespace preannotate::ops
