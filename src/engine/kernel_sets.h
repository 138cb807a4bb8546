#pragma once

#include "kernels.h"

/// One for each file of kernels; whether the processor runs them, kernels_for() asks.
namespace preannotate::engine {

extern const KernelSet kPlain, kAvx2, kAvx512, kAvx512Bf16, kAvx512Vnni, kAmxBf16, kAmxInt8;

}  // namespace preannotate::engine
