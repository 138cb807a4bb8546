#pragma once

#include <filesystem>
#include <string>

namespace preannotate::testing_support {

struct TinyBackbone {
  bool tuple = true;         // (embedding, stride 8, 16, 32); else one [N, D] tensor
  bool with_info = true;     // backbone.json inside
  std::string forward = "";  // TorchScript in place of the usual forward
};

/// Writes a small trainable TorchScript network (stages stem, body, head; 32 px, 20 + 12 + 16
/// feature columns with the tuple) to `path`. The same file for the same options.
void write_tiny_backbone(const std::filesystem::path& path, const TinyBackbone& options = {});

}  // namespace preannotate::testing_support
