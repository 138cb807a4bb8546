#include "kernels.h"
#include "preannotate/core/error.h"

namespace preannotate::ops {

void run_cuda(const NormalizePixel&) {
  throw UserError(kNoDevice, "this build has no CUDA; use --device cpu");
}

}  // namespace preannotate::ops
