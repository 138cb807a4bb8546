#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace preannotate {

/// What a network computes in, weights and activations alike. Sums are float32; of kInt8's
/// products 32-bit integers, and its depthwise convolutions read float32.
enum class Precision { kFp32, kBf16, kInt8 };

std::string_view precision_name(Precision precision);  // "fp32", "bf16", "int8"
/// Throws UserError(kUsageError) for another word, naming those that there are.
Precision precision_named(std::string_view name);

/// The precisions for which this processor has instructions, plainest first, each with its name:
/// "AVX-512", "AMX bf16".
struct UsablePrecision {
  Precision precision;
  std::string instructions;
};
std::vector<UsablePrecision> usable_precisions();

}  // namespace preannotate
