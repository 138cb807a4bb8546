#include "for_each.cuh"
#include "kernels.h"

namespace preannotate::ops {

void run_cuda(const DecodeBox& body) {
  for_each(body);
}

}  // namespace preannotate::ops
