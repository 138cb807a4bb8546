#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace preannotate::headers {

/// The first directory (IFD) of a TIFF file or of an EXIF block, as far as we need it.
struct TiffDirectory {
  std::int64_t width = 0, height = 0;
  int bits_per_sample = 1;
  int sample_format = 1;                                // 1 unsigned, 2 signed, 3 float
  int photometric = -1;                                 // 0: white is zero
  int compression = 1;                                  // 1 none, 5 LZW, 8 and 32946 deflate
  int orientation = 1;                                  // 1-8; 1 when absent or out of range
  bool more_frames = false;                             // another directory follows
  std::vector<std::uint64_t> orientation_values;        // where in the file orientation is written
  std::vector<std::uint64_t> data_offsets, data_sizes;  // of strips or tiles
  bool complete = true;  // every entry and every value lies inside the file
};

/// nullopt when `tiff` does not begin with a readable TIFF header. Reads one directory only, at
/// most 512 of its entries and 2^20 of its strips, so it ends on any input.
std::optional<TiffDirectory> read_tiff_directory(std::string_view tiff);

}  // namespace preannotate::headers
