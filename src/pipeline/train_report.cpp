#include "train_report.h"

#include <nlohmann/json.hpp>

#include "preannotate/core/files.h"
#include "preannotate/image/decode.h"
#include "thumbnail_file.h"

namespace preannotate {

namespace {

constexpr size_t kPictures = 24;

}  // namespace

std::string thumbnail_jpeg(const Dataset& dataset, const std::string& key) {
  Sample sample;
  sample.image = key;
  return thumbnail_of_file(image_file(dataset, sample), without_limits());
}

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
        {key, mistake.truth, mistake.predicted, mistake.score, thumbnail_jpeg(dataset, key)});
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
