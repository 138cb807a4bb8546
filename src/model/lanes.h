#pragma once

#include <cstdint>

// One copy of a function for each kind of processor, chosen when the program starts.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define PREANNOTATE_EACH_CPU __attribute__((target_clones("avx512f", "arch=x86-64-v3", "default")))
#else
#define PREANNOTATE_EACH_CPU
#endif

namespace preannotate {

/// Eight floats; compiled to one register where there are such.
typedef float Lanes __attribute__((vector_size(32), aligned(4), may_alias));
constexpr std::int64_t kLanes = 8;

}  // namespace preannotate

#define LOAD(pointer) (*reinterpret_cast<const Lanes*>(pointer))
#define STORE(pointer, value) (*reinterpret_cast<Lanes*>(pointer) = (value))
