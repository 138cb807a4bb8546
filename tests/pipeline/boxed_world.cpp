#include "boxed_world.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/images.h"
#include "support/test_folder.h"
#include "support/tiny_backbone.h"

namespace preannotate::testing_support {

namespace fs = std::filesystem;

namespace {

constexpr int kOrientationOfSideways = 6;  // upright after a quarter turn clockwise

Picture drawn(const BoxedPicture& boxed) {
  Picture picture{boxed.width, boxed.height,
                  std::vector<std::uint8_t>(size_t{3} * boxed.width * boxed.height)};
  std::uint64_t seed = 7;
  for (const char c : boxed.name) seed = seed * 31 + static_cast<unsigned char>(c);
  Random random(seed);
  for (auto& value : picture.rgb) value = static_cast<std::uint8_t>(110 + random.below(30));
  for (const TruthBox& object : boxed.objects) {
    if (object.crowd) continue;
    for (int y = static_cast<int>(object.box.y1); y < static_cast<int>(object.box.y2); ++y) {
      for (int x = static_cast<int>(object.box.x1); x < static_cast<int>(object.box.x2); ++x) {
        for (int c = 0; c < 3; ++c) {
          picture.rgb[size_t{3} * (y * boxed.width + x) + c] =
              c == (object.category == 0 ? 2 : 0) ? 250 : 10;
        }
      }
    }
  }
  return picture;
}

/// A quarter turn anticlockwise.
Picture turned_back(const Picture& upright) {
  Picture raw{upright.height, upright.width, std::vector<std::uint8_t>(upright.rgb.size())};
  for (int y = 0; y < upright.height; ++y) {
    for (int x = 0; x < upright.width; ++x) {
      const auto* from = upright.rgb.data() + size_t{3} * (y * upright.width + x);
      auto* to = raw.rgb.data() + size_t{3} * ((upright.width - 1 - x) * raw.width + y);
      std::copy_n(from, 3, to);
    }
  }
  return raw;
}

std::string two_digits(int i) {
  return (i < 10 ? "0" : "") + std::to_string(i);
}

}  // namespace

BoxedPicture random_boxed(const std::string& name, int objects, Random& random) {
  BoxedPicture picture{name};
  const auto between = [&](int low, int high) {
    return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1)));
  };
  for (int tries = 0; static_cast<int>(picture.objects.size()) < objects && tries < 200; ++tries) {
    const int width = between(18, 28), height = between(18, 28);
    const int x = between(1, picture.width - width - 1),
              y = between(1, picture.height - height - 1);
    const Box box{static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + width),
                  static_cast<float>(y + height)};
    const Box around{box.x1 - 8, box.y1 - 8, box.x2 + 8, box.y2 + 8};
    const bool apart =
        std::all_of(picture.objects.begin(), picture.objects.end(),
                    [&](const TruthBox& other) { return iou(around, other.box) == 0; });
    if (apart) picture.objects.push_back({box, between(0, 1)});
  }
  return picture;
}

void write_boxed(const fs::path& folder, const BoxedPicture& boxed) {
  const Picture upright = drawn(boxed);
  write_text(folder / boxed.name, boxed.sideways ? with_orientation(png_bytes(turned_back(upright)),
                                                                    kOrientationOfSideways)
                                                 : png_bytes(upright));
}

Json coco_of(const std::vector<BoxedPicture>& pictures) {
  Json images = Json::array(), annotations = Json::array(), categories = Json::array();
  for (size_t c = 0; c < kBoxedClasses.size(); ++c) {
    categories.push_back({{"id", c + 1}, {"name", kBoxedClasses[c]}});
  }
  for (const BoxedPicture& picture : pictures) {
    const size_t id = images.size() + 1;
    images.push_back({{"id", id},
                      {"file_name", picture.name},
                      {"width", picture.width},
                      {"height", picture.height}});
    for (const TruthBox& object : picture.objects) {
      annotations.push_back(
          {{"id", annotations.size() + 1},
           {"image_id", id},
           {"category_id", object.category + 1},
           {"iscrowd", object.crowd ? 1 : 0},
           {"bbox", {object.box.x1, object.box.y1, object.box.width(), object.box.height()}}});
    }
  }
  return {{"images", images}, {"annotations", annotations}, {"categories", categories}};
}

fs::path write_boxed_seed(const fs::path& folder, const std::vector<BoxedPicture>& pictures) {
  for (const auto& picture : pictures) write_boxed(folder, picture);
  const fs::path file = folder / "seed.json";
  write_text(file, coco_of(pictures).dump());
  return file;
}

BoxedWorld make_boxed_world(const fs::path& folder, int labelled, int unlabelled) {
  BoxedWorld world{folder,
                   folder / "seed" / "seed.json",
                   folder / "new",
                   folder / "new" / "seed.json",
                   folder / "tiny.pt",
                   {},
                   {}};
  fs::create_directories(folder);
  write_tiny_backbone(world.backbone);
  Random random(21);
  for (int i = 0; i < labelled; ++i) {
    world.labelled.push_back(
        random_boxed(two_digits(i) + ".png", i % 4 == 2 ? 0 : 1 + i % 2, random));
  }
  for (int i = 0; i < unlabelled; ++i) {
    const std::string name = (i % 2 ? "a/" : "b c/") + two_digits(i) + ".png";
    auto picture = random_boxed(name, i == 2 ? 0 : 1 + i % 3 % 2, random);
    picture.sideways = i == 1;
    world.pictures.push_back(picture);
  }
  write_boxed_seed(folder / "seed", world.labelled);
  write_boxed_seed(world.unlabelled, world.pictures);
  return world;
}

}  // namespace preannotate::testing_support
