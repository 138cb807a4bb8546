#pragma once

#include <cstdint>

namespace preannotate {

/// Eight floats; compiled to one register where there are such.
typedef float Lanes __attribute__((vector_size(32), aligned(4), may_alias));
constexpr std::int64_t kLanes = 8;

}  // namespace preannotate

#define LOAD(pointer) (*reinterpret_cast<const Lanes*>(pointer))
#define STORE(pointer, value) (*reinterpret_cast<Lanes*>(pointer) = (value))
