#include "kernels.h"
#include "team.cuh"

namespace preannotate::ops {

// A block each: a group's boxes are decided one after the other, and each asks all later ones.
void run_cuda(const SuppressGroup& body) {
  for_each_by_blocks(body);
}

}  // namespace preannotate::ops
