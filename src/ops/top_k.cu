#include "kernels.h"
#include "team.cuh"

namespace preannotate::ops {

void run_cuda(const TopClassesOf& body) {
  for_each_by_warps(body);
}

}  // namespace preannotate::ops
