#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "device_network.h"
#include "device_stream.h"
#include "preannotate/image/loader.h"
#include "preannotate/ops/picture_place.h"

namespace preannotate {

struct LaneOptions {
  std::vector<View> views;
  Resize resize = Resize::kSquash;
  int side = 224;
  int batch = 4;  // images of a group at most
  /// Told, when the device had no memory for more, how many views a pass has from here on.
  std::function<void(std::int64_t views)> short_of_memory = [](std::int64_t) {};
};

/// True where a device can make the view itself: it changes no light.
bool device_makes(const View& view);

/// Groups of decoded pictures to features on a stream of its own: copied from pinned memory, made
/// into views, through the network, and the features copied back, while the host decodes the next
/// group. Two groups are in flight. A device without the memory for a whole group gets it in parts,
/// halved as often as needed. One thread uses it at a time.
class DeviceLane {
 public:
  static constexpr size_t kDepth = 2;

  /// `network` must outlive it. Throws UserError(kNoDevice) when not even one row fits the device.
  DeviceLane(const DeviceNetwork& network, LaneOptions options);

  /// Pictures, or where the device cannot make the views, rendered ones; images without either give
  /// no features. At most kDepth groups before finish().
  void begin(const std::vector<LoadedImage>& group);

  /// [V, D] of each image of the group that began first.
  std::vector<std::vector<float>> finish();

  /// Rows of a pass, for the tests.
  std::int64_t rows() const { return rows_; }

  /// The device refuses passes of more rows from now on; for the tests, as if it had no memory.
  void refuse_above(std::int64_t rows) { refused_above_ = rows; }

 private:
  /// The memory of one group in flight.
  struct Slot {
    torch::Tensor bytes;     // [B] uint8 of the host, grown as needed
    std::int64_t used = 0;   // of them
    torch::Tensor features;  // [batch * V, D] float32 of the host
    std::vector<bool> present;
    std::vector<PicturePlace> places;  // [batch * V]
    DeviceStream::Mark done;
  };

  void prepare(std::int64_t rows);
  void halve();
  void gather(const std::vector<LoadedImage>& group, Slot& slot) const;
  void compute(Slot& slot);
  std::vector<PicturePlace> places_of(const LoadedImage& image, std::int64_t offset) const;

  const DeviceNetwork& network_;
  const LaneOptions options_;
  DeviceStream stream_;
  torch::Tensor input_, output_;  // of a recorded pass: [rows, side, side, 3] and [rows, D]
  std::int64_t rows_ = 0;
  std::int64_t refused_above_ = 1 << 30;
  std::array<Slot, kDepth> slots_;
  size_t begun_ = 0, finished_ = 0;
};

}  // namespace preannotate
