#include "preannotate/image/loader.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <new>
#include <opencv2/core/utility.hpp>
#include <thread>

#include "preannotate/core/hash.h"
#include "preannotate/image/spare_bytes.h"

namespace preannotate {
namespace {

/// So small may a picture's short side become in decoding without a view being enlarged for it.
int smallest_useful_side(const LoaderOptions& options) {
  double crop = 1;
  for (const auto& view : options.views) crop = std::min({crop, view.w, view.h});
  return crop > 0 ? static_cast<int>(std::ceil(options.side / crop)) : 0;
}

std::vector<std::uint8_t> render_views(const Picture& picture, const LoaderOptions& options) {
  const size_t view_size = size_t{3} * options.side * options.side;
  auto views = spare_bytes(view_size * options.views.size());
  for (size_t v = 0; v < options.views.size(); ++v) {
    render_view(picture, options.views[v], options.side, options.resize,
                views.data() + v * view_size);
  }
  return views;
}

void decode_into(LoadedImage& image, std::string_view bytes, const LoaderOptions& options) {
  image.sha256 = sha256(bytes);
  if (options.skip_decode && options.skip_decode(image.sha256)) return;

  auto decode = options.decode;
  if (!options.render) decode.min_side = smallest_useful_side(options);
  auto decoded = decode_image(bytes, decode);
  image.width = decoded.width;
  image.height = decoded.height;
  image.orientation = decoded.orientation;
  image.warning = decoded.warning;
  const std::int64_t pixels = std::int64_t{decoded.picture.width} * decoded.picture.height;
  if (pixels <= options.keep_pixels) {
    image.picture = std::move(decoded.picture);
    return;
  }
  image.views = options.render ? options.render(decoded, image.index)
                               : render_views(decoded.picture, options);
  keep_spare(std::move(decoded.picture.rgb));
}

void load_into(LoadedImage& image, const std::string& path, const LoaderOptions& options) {
  thread_local std::string memory;
  auto bytes = read_image_file(path, options.decode, std::move(memory));
  decode_into(image, bytes, options);
  if (bytes.capacity() <= kLargestSpare) memory = std::move(bytes);
}

}  // namespace

LoadedImage load_image(size_t index, const std::string& path, const LoaderOptions& options) {
  [[maybe_unused]] static const bool once =
      (cv::setNumThreads(1), true);  // we have our own threads
  LoadedImage image;
  image.index = index;
  try {
    load_into(image, path, options);
  } catch (const ImageError& error) {
    image.reason = error.reason();
    image.detail = error.what();
  } catch (const std::bad_alloc&) {
    image.reason = "out_of_memory";
    image.detail = "there is not enough memory to decode it";
  } catch (const std::exception& error) {
    image.reason = "corrupt_data";
    image.detail = error.what();
  }
  return image;
}

struct ImageLoader::State {
  std::vector<std::string> paths;
  LoaderOptions options;

  std::mutex mutex;  // of all below
  std::condition_variable room, arrived;
  std::vector<std::optional<LoadedImage>> slots;  // image i lies in slot i % size
  size_t taken = 0, given = 0;                    // images begun by threads, handed out by next()
  bool stop = false;

  std::vector<std::thread> threads;

  ~State() {
    {
      const std::lock_guard lock(mutex);
      stop = true;
    }
    room.notify_all();
    for (auto& thread : threads) thread.join();
  }

  void work() {
    for (;;) {
      std::unique_lock lock(mutex);
      room.wait(lock,
                [&] { return stop || taken == paths.size() || taken < given + slots.size(); });
      if (stop || taken == paths.size()) return;
      const size_t index = taken++;
      lock.unlock();
      auto image = load_image(index, paths[index], options);
      lock.lock();
      slots[index % slots.size()] = std::move(image);
      arrived.notify_one();
    }
  }
};

ImageLoader::ImageLoader(std::vector<std::string> paths, LoaderOptions options)
    : state_(std::make_unique<State>()) {
  state_->slots.resize(static_cast<size_t>(std::max(1, options.ahead)));
  const auto threads = std::min(static_cast<size_t>(std::max(1, options.threads)), paths.size());
  state_->paths = std::move(paths);
  state_->options = std::move(options);
  for (size_t i = 0; i < threads; ++i) {
    state_->threads.emplace_back([state = state_.get()] { state->work(); });
  }
}

ImageLoader::~ImageLoader() = default;

std::optional<LoadedImage> ImageLoader::next() {
  auto& state = *state_;
  std::unique_lock lock(state.mutex);
  if (state.given == state.paths.size()) return std::nullopt;
  auto& slot = state.slots[state.given % state.slots.size()];
  state.arrived.wait(lock, [&] { return slot.has_value(); });
  auto image = std::move(*slot);
  slot.reset();
  ++state.given;
  lock.unlock();
  state.room.notify_one();
  return image;
}

}  // namespace preannotate
