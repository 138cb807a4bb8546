#include "preannotate/serve/export_html.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "export_page.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/data/drafts.h"
#include "preannotate/image/loader.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr int kSide = 224, kBoxSide = 448, kQuality = 80;  // boxes need more to be judged by
constexpr int kMostThreads = 8;

bool has_boxes(const Dataset& drafts) {
  return std::any_of(drafts.samples.begin(), drafts.samples.end(), [](const Sample& sample) {
    return !sample.labels.empty() && sample.labels[0].box;
  });
}

/// Least sure first; among equals in the order of the folder.
std::vector<const Sample*> most_worth_a_look(const Dataset& drafts) {
  std::vector<const Sample*> samples;
  for (const Sample& sample : drafts.samples) samples.push_back(&sample);
  std::stable_sort(samples.begin(), samples.end(), [](const Sample* a, const Sample* b) {
    return a->uncertainty > b->uncertainty;
  });
  samples.resize(std::min(samples.size(), kMostExported));
  return samples;
}

void add_pictures(std::vector<ExportedImage>& images, const Dataset& drafts, int side) {
  std::vector<std::string> paths;
  std::error_code ignored;
  const bool one_file = fs::is_regular_file(drafts.image_root, ignored);
  for (const ExportedImage& image : images)
    paths.push_back(one_file ? drafts.image_root : image_file(drafts, *image.sample));
  LoaderOptions options;
  options.decode = without_limits();
  options.decode.min_side = side;
  options.threads =
      std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMostThreads);
  options.render = [side](const DecodedImage& image, size_t) {
    const std::string jpeg = encode_jpeg(thumbnail(image.picture, side), kQuality);
    return std::vector<std::uint8_t>(jpeg.begin(), jpeg.end());
  };
  ImageLoader loader(std::move(paths), options);
  Progress progress("images", images.size());
  while (const auto loaded = loader.next()) {
    ExportedImage& image = images[loaded->index];
    image.jpeg.assign(loaded->views.begin(), loaded->views.end());
    image.fault = loaded->detail;
    progress.advance();
  }
}

}  // namespace

ExportHtmlResult export_html(const ExportHtmlOptions& options) {
  if (!is_drafts_folder(options.drafts))
    throw UserError(kUsageError, options.drafts,
                    " holds no drafts: it has no drafts.jsonl (preannotate predict writes one)");
  if (!options.force && fs::exists(fs::symlink_status(options.file)))
    throw UserError(kOutputExists, options.file, " is there already; --force replaces it");
  const Dataset drafts = read_drafts(options.drafts);
  const auto answers = standing_answers(read_answer_log(options.drafts, drafts.categories));
  ExportedPage page{.folder = fs::weakly_canonical(options.drafts).filename().string(),
                    .model_version = drafts.model_version,
                    .categories = drafts.categories,
                    .images = drafts.samples.size()};
  for (const Sample& sample : drafts.samples) page.answered += answers.contains(sample.image);
  for (const Sample* sample : most_worth_a_look(drafts)) {
    const auto answer = answers.find(sample->image);
    page.shown.push_back(
        {.sample = sample, .answer = answer == answers.end() ? nullptr : &answer->second});
  }
  add_pictures(page.shown, drafts, has_boxes(drafts) ? kBoxSide : kSide);
  write_file(options.file, exported_html(page));
  return {page.images, page.shown.size()};
}

}  // namespace preannotate
