#include "preannotate/engine/precision.h"

#include "kernels.h"
#include "preannotate/core/error.h"

namespace preannotate {

std::string_view precision_name(Precision precision) {
  return precision == Precision::kInt8 ? "int8" : precision == Precision::kBf16 ? "bf16" : "fp32";
}

Precision precision_named(std::string_view name) {
  for (const auto precision : {Precision::kFp32, Precision::kBf16, Precision::kInt8}) {
    if (name == precision_name(precision)) return precision;
  }
  throw UserError(kUsageError, "unknown precision '", name, "'; known: auto, fp32, bf16, int8");
}

std::vector<UsablePrecision> usable_precisions() {
  std::vector<UsablePrecision> usable;
  for (const auto precision : {Precision::kFp32, Precision::kBf16, Precision::kInt8}) {
    const auto* kernels = engine::kernels_for(precision);
    if (kernels) usable.push_back({precision, std::string(kernels->name)});
  }
  return usable;
}

}  // namespace preannotate
