#include "synthetic.h"

#include "preannotate/core/hash.h"
#include "preannotate/core/random.h"
#include "preannotate/image/decode.h"
#include "support/images.h"
#include "support/test_folder.h"
#include "support/tiny_backbone.h"

namespace preannotate::testing_support {

namespace fs = std::filesystem;

namespace {

const char* const kClasses[] = {"blue", "green", "red"};
constexpr int kChannel[] = {2, 1, 0};

/// Noise with a disc of each colour in `classes`, side by side.
Picture discs(const std::vector<int>& classes, Random& random) {
  Picture picture{48, 40, std::vector<std::uint8_t>(48 * 40 * 3)};
  for (auto& value : picture.rgb) value = static_cast<std::uint8_t>(90 + random.below(60));
  for (size_t k = 0; k < classes.size(); ++k) {
    const int cx = 48 * (2 * static_cast<int>(k) + 1) / (2 * static_cast<int>(classes.size()));
    const int radius = 7 + static_cast<int>(random.below(3)),
              cy = 16 + static_cast<int>(random.below(8));
    for (int y = 0; y < 40; ++y) {
      for (int x = 0; x < 48; ++x) {
        if ((x - cx) * (x - cx) + (y - cy) * (y - cy) > radius * radius) continue;
        for (int c = 0; c < 3; ++c) {
          picture.rgb[static_cast<size_t>((y * 48 + x) * 3 + c)] =
              c == kChannel[classes[k]] ? 230 : 40;
        }
      }
    }
  }
  return picture;
}

std::string two_digits(int i) {
  return (i < 10 ? "0" : "") + std::to_string(i);
}

}  // namespace

World make_world(const fs::path& folder, int per_class, int unlabelled) {
  World world{folder, folder / "seed", folder / "unlabelled", folder / "truth.csv",
              folder / "tiny.pt"};
  fs::create_directories(folder);
  write_tiny_backbone(world.backbone);
  Random random(11);
  for (int c = 0; c < 3; ++c) {
    for (int i = 0; i < per_class; ++i) {
      write_text(world.seed / kClasses[c] / (two_digits(i) + ".jpg"),
                 jpeg_bytes(discs({c}, random)));
    }
  }
  std::string truth = "path,label\n";
  for (int i = 0; i < unlabelled; ++i) {
    const int c = static_cast<int>(random.below(3));
    const std::string key = (i % 2 ? "a/" : "b c/") + two_digits(i / 2) + (i % 5 ? ".jpg" : ".png");
    const auto picture = discs({c}, random);
    write_text(world.unlabelled / key, i % 5 ? jpeg_bytes(picture) : png_bytes(picture));
    truth += key + "," + kClasses[c] + "\n";
  }
  write_text(world.truth, truth);
  return world;
}

World make_multilabel_world(const fs::path& folder, int images) {
  World world{folder, folder / "labels.csv", folder, folder / "labels.csv", folder / "tiny.pt"};
  fs::create_directories(folder);
  write_tiny_backbone(world.backbone);
  Random random(5);
  std::string csv = "path,labels\n";
  for (int i = 0; i < images; ++i) {
    const std::string key = "images/" + two_digits(i) + ".png";
    std::vector<int> classes;
    std::string labels;
    for (int c = 0; c < 3; ++c) {
      if (!(i >> c & 1)) continue;
      classes.push_back(c);
      labels += (labels.empty() ? "" : ";") + std::string(kClasses[c]);
    }
    write_text(folder / key, png_bytes(discs(classes, random)));
    csv += key + "," + labels + "\n";
  }
  write_text(world.seed, csv);
  return world;
}

void darken_all(const fs::path& folder) {
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    const auto extension = file.path().extension();
    if (extension != ".png" && extension != ".jpg") continue;
    auto picture = decode_image(read_image_file(file.path().string(), {}), {}).picture;
    for (auto& value : picture.rgb) value /= 4;
    write_text(file.path(), extension == ".png" ? png_bytes(picture) : jpeg_bytes(picture));
  }
}

std::map<std::string, std::string> content_of(const fs::path& folder) {
  std::map<std::string, std::string> content;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    content[entry.path().lexically_relative(folder).string()] = sha256_of_file(entry.path());
  }
  return content;
}

}  // namespace preannotate::testing_support
