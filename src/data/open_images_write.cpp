#include <string>

#include "csv_rows.h"
#include "number_text.h"
#include "open_images.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr int kFractionDecimals = 8;

class Writer {
 public:
  Writer(const Dataset& dataset, const fs::path& folder) : dataset_(dataset), folder_(folder) {}

  void run() const {
    write_file(folder_ / "classes.csv", classes());
    AtomicFile images(folder_ / "images.csv"), boxes(folder_ / "boxes.csv"),
        labels(folder_ / "image_labels.csv");
    images.write("ImageID,Width,Height,Bucket\n");
    boxes.write(
        "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,"
        "IsDepiction,IsInside,DraftID\n");
    labels.write("ImageID,Source,LabelName,Confidence,DraftID\n");
    for (const Sample& sample : dataset_.samples) {
      images.write(csv_field(sample.image) + "," + std::to_string(sample.width) + "," +
                   std::to_string(sample.height) + "," + csv_field(sample.bucket) + "\n");
      for (const Label& label : sample.labels)
        (label.box ? boxes : labels).write(row(sample, label));
    }
    images.commit();
    boxes.commit();
    labels.commit();
  }

 private:
  std::string classes() const {
    std::string text = "LabelName,DisplayName\n";
    for (const auto& name : dataset_.categories)
      text += csv_field(name) + "," + csv_field(name) + "\n";
    return text;
  }

  /// What people made has confidence 1 there, as in Open Images.
  std::string row(const Sample& sample, const Label& label) const {
    const bool drafted = label.score.has_value();
    const auto& category = dataset_.categories[static_cast<size_t>(label.category)];
    std::string text = csv_field(sample.image) + "," + (drafted ? source() : "verification") + "," +
                       csv_field(category) + "," +
                       (drafted ? number_text(*label.score, kScoreDecimals) : "1");
    if (label.box)
      text += corners(sample, *label.box) + ",0,0," + (label.crowd ? "1" : "0") + ",0,0";
    return text + "," + csv_field(label.id) + "\n";
  }

  std::string source() const {
    return kOpenImagesDrafts + (dataset_.model_version.empty() ? "" : "-" + dataset_.model_version);
  }

  std::string corners(const Sample& sample, const Box& box) const {
    if (sample.width <= 0 || sample.height <= 0) {
      throw UserError(kBadInput, folder_, ": the size of ", sample.image,
                      " is not known; Open Images needs width and height");
    }
    const auto fraction = [](double pixels, int size) {
      return "," + number_text(pixels / size, kFractionDecimals);
    };
    return fraction(box.x1, sample.width) + fraction(box.x2, sample.width) +
           fraction(box.y1, sample.height) + fraction(box.y2, sample.height);
  }

  const Dataset& dataset_;
  const fs::path& folder_;
};

}  // namespace

void write_open_images(const Dataset& dataset, const fs::path& folder) {
  Writer(dataset, folder).run();
}

}  // namespace preannotate
