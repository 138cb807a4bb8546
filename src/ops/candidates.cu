#include "kernels.h"
#include "team.cuh"

namespace preannotate::ops {

void run_cuda(const CountCandidates& body) {
  for_each_by_warps(body);
}

void run_cuda(const ListCandidates& body) {
  for_each_by_warps(body);
}

}  // namespace preannotate::ops
