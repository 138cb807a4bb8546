#pragma once

#include <string_view>

namespace preannotate::cli {

/// True for what the loader, the C++ library, libtorch and CUDA say when there is no more memory.
bool is_out_of_memory(std::string_view message);

}  // namespace preannotate::cli
