// The pipeline of predict with a model of a few lines, so that ThreadSanitizer sees all of it:
// libtorch is not built for that.

#include "model/ordered_stream.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "preannotate/core/hash.h"
#include "preannotate/core/random.h"
#include "support/images.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using namespace testing_support;
using std::string_literals::operator""s;

constexpr int kGroup = 4;

/// What a network would give: a digest of the pixels, or why there are none.
std::vector<std::string> digests(std::vector<LoadedImage> group) {
  std::vector<std::string> results;
  for (const LoadedImage& image : group) {
    const std::string pixels(image.views.begin(), image.views.end());
    results.push_back(image.reason.empty() ? sha256(pixels) : image.reason);
  }
  return results;
}

LoaderOptions small_views() {
  LoaderOptions options;
  options.views = views_named("none");
  options.side = 32;
  return options;
}

std::vector<std::string> all_results(const std::vector<std::string>& paths, int workers) {
  OrderedStream<std::string> stream(paths, small_views(), workers, kGroup,
                                    calling_lanes<std::string>(digests));
  std::vector<std::string> results;
  while (auto result = stream.next()) results.push_back(std::move(*result));
  return results;
}

/// Images of several containers and sizes.
std::vector<std::string> write_images(const fs::path& folder, int count) {
  std::vector<std::string> paths;
  for (int i = 0; i < count; ++i) {
    const auto picture = corner_picture(40 + i * 37 % 90, 40 + i * 61 % 70);
    const auto path = folder / (std::to_string(i) + ".img");
    write_text(path, i % 4 == 0   ? png_bytes(picture)
                     : i % 4 == 1 ? webp_bytes(picture)
                     : i % 4 == 2 ? tiff_bytes(picture)
                                  : jpeg_bytes(picture));
    paths.push_back(path);
  }
  return paths;
}

/// Every kind of bad image: what it is, and its file.
std::vector<std::pair<std::string, std::string>> bad_images(const fs::path& folder) {
  const auto picture = corner_picture(100, 80);
  const auto jpeg = jpeg_bytes(picture), png = png_bytes(picture), webp = webp_bytes(picture),
             tiff = tiff_bytes(picture), bmp = bmp_bytes(picture);
  auto spoilt = jpeg;  // a second frame header inside the scan
  spoilt.replace(spoilt.size() / 2, 2, "\xFF\xC0");
  auto bomb = png;
  bomb.replace(16, 8, "\x00\x00\x9C\x40\x00\x00\x9C\x40"s);  // 40000 x 40000
  auto nothing = png;
  nothing.replace(16, 8, "\x00\x00\x00\x00\x00\x00\x00\x09"s);
  const std::vector<std::pair<std::string, std::string>> contents = {
      {"empty", ""},
      {"text", "<html></html>"},
      {"jpeg-cut", jpeg.substr(0, jpeg.size() / 2)},
      {"jpeg-marker", jpeg.substr(0, 2)},
      {"jpeg-spoilt", spoilt},
      {"png-cut", png.substr(0, png.size() / 2)},
      {"png-header", png.substr(0, 20)},
      {"webp-cut", webp.substr(0, webp.size() / 2)},
      {"tiff-cut", tiff.substr(0, tiff.size() / 2)},
      {"bmp-cut", bmp.substr(0, bmp.size() / 2)},
      {"bomb", bomb},
      {"no-pixels", nothing},
      {"gif", "GIF89a\1\0\1\0\0\0\0;"s},
      {"avif", "\0\0\0\x1C"s + "ftypavif"},
      {"heic", "\0\0\0\x1C"s + "ftypheic"},
      {"jp2", "\0\0\0\x0CjP  \r\n\x87\n"s},
      {"bigtiff", "II+\0"s},
      {"pdf", "%PDF-1.4"}};
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& [name, bytes] : contents) {
    const auto path = folder / ("bad-" + name);
    write_text(path, bytes);
    files.emplace_back(name, path.string());
  }
  fs::create_symlink("nowhere", folder / "bad-link");
  files.emplace_back("broken link", (folder / "bad-link").string());
  mkfifo((folder / "bad-pipe").c_str(), 0600);
  files.emplace_back("pipe", (folder / "bad-pipe").string());
  fs::create_directories(folder / "bad-folder");
  files.emplace_back("folder", (folder / "bad-folder").string());
  files.emplace_back("missing", (folder / "bad-missing").string());
  return files;
}

TEST(OrderedStreamTest, ResultsComeInTheOrderOfTheListWhateverTheWorkers) {
  const auto paths = write_images(test_folder(), 37);
  const auto one = all_results(paths, 1);
  ASSERT_EQ(one.size(), paths.size());
  for (const int workers : {2, 3, 8}) EXPECT_EQ(all_results(paths, workers), one) << workers;
}

TEST(OrderedStreamTest, EachKindOfBadImageAtEachPlaceOfABatchCostsNoOtherItsResult) {
  const auto folder = test_folder();
  const auto paths = write_images(folder, 2 * kGroup + 1);
  const auto clean = all_results(paths, 2);
  int tried = 0;
  for (const auto& [kind, file] : bad_images(folder)) {
    for (size_t place = 0; place < paths.size(); ++place) {
      auto mixed = paths;
      mixed[place] = file;
      const auto results = all_results(mixed, 2);
      ASSERT_EQ(results.size(), clean.size()) << kind;
      for (size_t i = 0; i < results.size(); ++i) {
        if (i == place) continue;
        EXPECT_EQ(results[i], clean[i]) << kind << " at " << place << " changed " << i;
      }
      EXPECT_LT(results[place].size(), 30u) << kind << " gave a result";
      ++tried;
    }
  }
  std::cout << "[   INFO   ] " << tried << " bad inputs among good ones\n";
}

TEST(OrderedStreamTest, WhatAWorkerThrowsReachesTheReader) {
  const auto paths = write_images(test_folder(), 20);
  OrderedStream<std::string> stream(paths, small_views(), 3, kGroup,
                                    calling_lanes<std::string>([](std::vector<LoadedImage> group) {
                                      if (group[0].index >= 8) throw std::runtime_error("no more");
                                      return digests(std::move(group));
                                    }));
  EXPECT_THROW(
      {
        while (stream.next()) {
        }
      },
      std::runtime_error);
}

TEST(OrderedStreamTest, EndedEarlyItStopsItsWorkers) {
  const auto paths = write_images(test_folder(), 64);
  for (int taken = 0; taken < 12; ++taken) {
    OrderedStream<std::string> stream(paths, small_views(), 3, kGroup,
                                      calling_lanes<std::string>(digests));
    for (int i = 0; i < taken; ++i) stream.next();
  }
}

}  // namespace
}  // namespace preannotate
