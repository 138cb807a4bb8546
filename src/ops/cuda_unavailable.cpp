#include "kernels.h"
#include "preannotate/core/error.h"

namespace preannotate::ops {
namespace {

[[noreturn]] void refuse() {
  throw UserError(kNoDevice, "this build has no CUDA; use --device cpu");
}

}  // namespace

void run_cuda(const DecodeBox&) {
  refuse();
}
void run_cuda(const OverlapWord&) {
  refuse();
}
void run_cuda(const NormalizePixel&) {
  refuse();
}

}  // namespace preannotate::ops
