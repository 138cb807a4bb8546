#include "kernels.h"
#include "preannotate/core/error.h"

namespace preannotate::ops {
namespace {

[[noreturn]] void refuse() {
  throw UserError(kNoDevice, "this build has no CUDA; use --device cpu");
}

}  // namespace

void run_cuda(const CountCandidates&) {
  refuse();
}
void run_cuda(const ListCandidates&) {
  refuse();
}
void run_cuda(const DecodeBox&) {
  refuse();
}
void run_cuda(const SuppressGroup&) {
  refuse();
}
void run_cuda(const NormalizePixel&) {
  refuse();
}
void run_cuda(const FindTaps&) {
  refuse();
}
void run_cuda(const PreprocessPixel&) {
  refuse();
}
void run_cuda(const TopClassesOf&) {
  refuse();
}

}  // namespace preannotate::ops
