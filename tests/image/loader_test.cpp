#include "preannotate/image/loader.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "preannotate/core/hash.h"
#include "support/images.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using namespace testing_support;

LoaderOptions small_options(int threads = 2, int ahead = 4) {
  LoaderOptions options;
  options.views = views_named("light");
  options.side = 32;
  options.threads = threads;
  options.ahead = ahead;
  return options;
}

/// Files of different sizes and containers, so that they are ready in another order than begun.
std::vector<std::string> write_images(const std::filesystem::path& folder, int count) {
  std::vector<std::string> paths;
  for (int i = 0; i < count; ++i) {
    const auto picture = corner_picture(40 + i * 37 % 200, 40 + i * 61 % 150);
    const auto path = folder / (std::to_string(i) + ".jpg");
    write_text(path, i % 3 == 0 ? png_bytes(picture) : jpeg_bytes(picture));
    paths.push_back(path);
  }
  return paths;
}

std::vector<LoadedImage> load_all(std::vector<std::string> paths, LoaderOptions options) {
  std::vector<LoadedImage> images;
  ImageLoader loader(std::move(paths), std::move(options));
  while (auto image = loader.next()) images.push_back(std::move(*image));
  return images;
}

void expect_same(const LoadedImage& a, const LoadedImage& b) {
  EXPECT_EQ(a.index, b.index);
  EXPECT_EQ(a.sha256, b.sha256);
  EXPECT_EQ(a.views, b.views);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.width, b.width);
  EXPECT_EQ(a.height, b.height);
}

TEST(ImageLoader, GivesEveryImageInTheListsOrder) {
  const auto paths = write_images(test_folder(), 25);
  const auto images = load_all(paths, small_options());
  ASSERT_EQ(images.size(), paths.size());
  for (size_t i = 0; i < images.size(); ++i) {
    EXPECT_EQ(images[i].index, i);
    EXPECT_EQ(images[i].sha256, sha256(read_text(paths[i])));
    EXPECT_EQ(images[i].views.size(), 4u * 32 * 32 * 3);
    EXPECT_EQ(images[i].reason, "");
    EXPECT_EQ(images[i].width, 40 + int(i) * 37 % 200);
  }
}

TEST(ImageLoader, ThreadsAndReadAheadChangeNothing) {
  const auto paths = write_images(test_folder(), 12);
  const auto one = load_all(paths, small_options(1, 1));
  for (const auto& [threads, ahead] : {std::pair{1, 16}, {2, 1}, {4, 2}, {8, 64}, {0, 0}}) {
    const auto other = load_all(paths, small_options(threads, ahead));
    ASSERT_EQ(other.size(), one.size());
    for (size_t i = 0; i < one.size(); ++i) expect_same(one[i], other[i]);
  }
}

TEST(ImageLoader, ViewsAreThoseOfTheDecodedPicture) {
  const auto paths = write_images(test_folder(), 1);
  const auto options = small_options();
  const auto image = load_all(paths, options).at(0);
  const auto picture = decode_image(read_text(paths[0])).picture;
  std::vector<std::uint8_t> view(32 * 32 * 3);
  for (size_t v = 0; v < options.views.size(); ++v) {
    render_view(picture, options.views[v], 32, Resize::kSquash, view.data());
    EXPECT_TRUE(std::equal(view.begin(), view.end(), image.views.begin() + v * view.size())) << v;
  }
}

TEST(ImageLoader, ABadImageNeverChangesAnother) {
  const auto folder = test_folder();
  auto paths = write_images(folder, 8);
  const auto clean = load_all(paths, small_options());
  const auto jpeg = jpeg_bytes(corner_picture(100, 80));
  const std::pair<std::string, std::string> bad[] = {
      {"empty_file", ""},
      {"not_an_image", "<html>"},
      {"truncated", jpeg.substr(0, jpeg.size() / 2)},
      {"unsupported_format", "GIF89a...."},
  };
  for (const auto& [reason, bytes] : bad) {
    write_text(folder / "bad", bytes);
    for (size_t position = 0; position < paths.size(); ++position) {
      auto mixed = paths;
      mixed[position] = folder / "bad";
      const auto images = load_all(mixed, small_options());
      ASSERT_EQ(images.size(), clean.size());
      for (size_t i = 0; i < images.size(); ++i) {
        if (i != position) expect_same(images[i], clean[i]);
      }
      EXPECT_EQ(images[position].reason, reason);
      EXPECT_NE(images[position].detail, "");
      EXPECT_TRUE(images[position].views.empty());
      EXPECT_EQ(images[position].sha256, sha256(bytes));
    }
  }
}

TEST(ImageLoader, AFileThatIsNotThereHasNoHash) {
  const auto images = load_all({(test_folder() / "missing.jpg").string()}, small_options());
  ASSERT_EQ(images.size(), 1u);
  EXPECT_EQ(images[0].reason, "vanished");
  EXPECT_EQ(images[0].sha256, "");
}

TEST(ImageLoader, AWarningComesWithTheViews) {
  const auto path = test_folder() / "a.jpg";
  const auto bytes = jpeg_bytes(corner_picture(64, 48));
  write_text(path, std::string_view(bytes).substr(0, bytes.size() - 2));
  const auto images = load_all({path}, small_options());
  EXPECT_EQ(images.at(0).warning, "missing_eoi");
  EXPECT_FALSE(images[0].views.empty());
}

TEST(ImageLoader, EndsEarlyWithoutWaitingForTheRest) {
  const auto paths = write_images(test_folder(), 20);
  for (const int taken : {0, 1, 7}) {
    ImageLoader loader(paths, small_options(3, 5));
    for (int i = 0; i < taken; ++i) EXPECT_TRUE(loader.next());
  }
}

TEST(ImageLoader, AnEmptyListEndsAtOnce) {
  ImageLoader loader({}, small_options());
  EXPECT_FALSE(loader.next());
  EXPECT_FALSE(loader.next());
}

TEST(ImageLoader, WhatIsCachedIsHashedButNotRendered) {
  const auto paths = write_images(test_folder(), 6);
  const auto cached = sha256(read_text(paths[2]));
  auto options = small_options();
  options.skip_decode = [&](const std::string& hash) { return hash == cached; };
  const auto images = load_all(paths, options);
  for (size_t i = 0; i < images.size(); ++i) {
    EXPECT_EQ(images[i].views.empty(), i == 2);
    EXPECT_EQ(images[i].reason, "");
  }
  EXPECT_EQ(images[2].sha256, cached);
}

TEST(ImageLoader, AnExceptionOfTheCallersBecomesThatImagesReason) {
  const auto paths = write_images(test_folder(), 3);
  auto options = small_options();
  options.skip_decode = [&](const std::string& hash) -> bool {
    if (hash == sha256(read_text(paths[1]))) throw std::bad_alloc();
    return false;
  };
  const auto images = load_all(paths, options);
  EXPECT_EQ(images.at(1).reason, "out_of_memory");
  EXPECT_EQ(images.at(0).reason, "");
  EXPECT_EQ(images.at(2).reason, "");
}

TEST(ImageLoader, NoMoreThanAheadAreInFlight) {
  const auto paths = write_images(test_folder(), 30);
  auto options = small_options(4, 3);
  std::atomic<int> begun{0};
  options.skip_decode = [&](const std::string&) { return ++begun, false; };
  ImageLoader loader(paths, options);
  for (int taken = 1; loader.next(); ++taken) EXPECT_LE(begun, taken + 3);
  EXPECT_EQ(begun, 30);
}

TEST(ImageLoader, ASmallPictureMayBeKeptInPlaceOfItsViews) {
  const auto folder = test_folder();
  write_text(folder / "small.png", png_bytes(corner_picture(40, 30)));
  write_text(folder / "large.png", png_bytes(corner_picture(41, 30)));
  auto options = small_options();
  options.keep_pixels = 40 * 30;
  const auto images = load_all({folder / "small.png", folder / "large.png"}, options);
  EXPECT_TRUE(images[0].views.empty());
  EXPECT_EQ(images[0].picture.rgb, decode_image(read_text(folder / "small.png")).picture.rgb);
  EXPECT_EQ(images[0].picture.width, 40);
  EXPECT_TRUE(images[1].picture.rgb.empty());
  EXPECT_EQ(images[1].views.size(), 4u * 32 * 32 * 3);
}

TEST(ImageLoader, ACallersRenderingTakesTheViewsPlace) {
  const auto paths = write_images(test_folder(), 9);
  auto options = small_options(3);
  options.render = [](const DecodedImage& image, size_t index) {
    return std::vector<std::uint8_t>{static_cast<std::uint8_t>(index), image.picture.rgb.back()};
  };
  const auto images = load_all(paths, options);
  for (size_t i = 0; i < images.size(); ++i) {
    const auto picture = decode_image(read_text(paths[i])).picture;
    EXPECT_EQ(images[i].views, (std::vector<std::uint8_t>{std::uint8_t(i), picture.rgb.back()}));
    EXPECT_EQ(images[i].width, picture.width);
  }
}

TEST(ImageLoader, ACallersRenderingSaysHowSmallAJpegMayBeDecoded) {
  const auto path = test_folder() / "large.jpg";
  write_text(path, jpeg_bytes(corner_picture(640, 480)));
  auto options = small_options();
  options.render = [](const DecodedImage& image, size_t) {
    EXPECT_EQ(image.width, 640);
    return std::vector<std::uint8_t>(image.picture.width);
  };
  EXPECT_EQ(load_all({path}, options).at(0).views.size(), 640u);
  options.decode.min_side = 200;
  EXPECT_EQ(load_all({path}, options).at(0).views.size(), 320u);
}

TEST(ImageLoader, ACallersRenderingThatFailsCostsOneImage) {
  const auto paths = write_images(test_folder(), 3);
  auto options = small_options();
  options.render = [](const DecodedImage&, size_t index) {
    if (index == 1) throw ImageError("bad_header", "no");
    return std::vector<std::uint8_t>(1);
  };
  const auto images = load_all(paths, options);
  EXPECT_EQ(images.at(0).reason, "");
  EXPECT_EQ(images.at(1).reason, "bad_header");
  EXPECT_TRUE(images[1].views.empty());
  EXPECT_EQ(images.at(2).views.size(), 1u);
}

TEST(ImageLoader, ALargeJpegIsDecodedSmallerButReportedWhole) {
  const auto path = test_folder() / "large.jpg";
  const auto bytes = jpeg_bytes(corner_picture(640, 480));
  write_text(path, bytes);
  auto options = small_options();
  options.views = views_named("none");
  const auto image = load_all({path}, options).at(0);
  EXPECT_EQ(image.width, 640);
  EXPECT_EQ(image.height, 480);
  std::vector<std::uint8_t> expected(32 * 32 * 3);
  const auto eighth = decode_image(bytes, {.min_side = 32}).picture;
  ASSERT_EQ(eighth.height, 60);
  render_view(eighth, options.views[0], 32, Resize::kSquash, expected.data());
  EXPECT_EQ(image.views, expected);
}

}  // namespace
}  // namespace preannotate
