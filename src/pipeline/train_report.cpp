#include "train_report.h"

#include <nlohmann/json.hpp>

#include "preannotate/core/files.h"
#include "preannotate/image/decode.h"

namespace preannotate {

namespace {

constexpr size_t kPictures = 24;
constexpr int kPictureSide = 160;

std::string picture_jpeg(const Dataset& dataset, const std::string& key) {
  Sample sample;
  sample.image = key;
  DecodeOptions options = without_limits();
  options.min_side = kPictureSide;
  try {
    const auto decoded =
        decode_image(read_image_file(image_file(dataset, sample).string(), options), options);
    return encode_jpeg(thumbnail(decoded.picture, kPictureSide), 80);
  } catch (const ImageError&) {
    return "";
  }
}

}  // namespace

Json problems_json(const Problems& problems) {
  Json list = Json::array();
  for (const auto& problem : problems.all()) {
    list.push_back(
        {{"image", problem.input}, {"reason", problem.reason}, {"detail", problem.detail}});
  }
  return list;
}

std::vector<ReportPicture> mistake_pictures(const Judged& judged, const std::string& task,
                                            const Dataset& dataset) {
  std::vector<ReportPicture> pictures;
  for (const auto& mistake : worst_mistakes(judged, task, dataset.categories, kPictures)) {
    const std::string& key = judged.images[mistake.index];
    pictures.push_back(
        {key, mistake.truth, mistake.predicted, mistake.score, picture_jpeg(dataset, key)});
  }
  return pictures;
}

void write_report(const std::filesystem::path& folder, const Json& metrics,
                  const std::vector<ReportPicture>& pictures,
                  const std::vector<BoxPicture>& box_pictures) {
  write_file(folder / "metrics.json", json_text(metrics, 1) + "\n");
  write_file(folder / "report.html", report_html(metrics, pictures, box_pictures));
}

}  // namespace preannotate
