#pragma once

#include <cstddef>
#include <optional>

#include "preannotate/model/backbone.h"

namespace preannotate {

/// How many threads compute, and on how many images at once.
struct StreamSize {
  int workers = 1;
  int batch = 4;
};

/// What was asked for (workers 0: nothing); else every core that the process may use, and 4 images,
/// of a CUDA device 32: each worker decodes its own and keeps two groups on their way.
StreamSize stream_size(int workers, std::optional<int> batch, c10::Device device = c10::kCPU);

/// The same, but for a list of images that takes long what was not asked for is what the network
/// runs fastest with, tried for two seconds on this machine: 1 to 16 images, and half the threads
/// too, since two may share a core. Not where an image's result depends on the number of images: it
/// would depend on how busy the machine was.
StreamSize tried_stream_size(const Backbone& backbone, int workers, std::optional<int> batch,
                             size_t images);

}  // namespace preannotate
