#include "shared_options.h"

#include <sstream>

#include "preannotate/core/text.h"

namespace preannotate::cli {

void add_shared_options(CLI::App& app, SharedOptions& options) {
  const auto group = "Common";
  app.add_flag("--json", options.json, "Print one JSON document on stdout")->group(group);
  app.add_flag("-q,--quiet", options.quiet, "Say nothing but errors on stderr")->group(group);
  app.add_flag("-v,--verbose", options.verbose, "Say more on stderr")
      ->excludes("--quiet")
      ->group(group);
  app.add_flag("--no-color", options.no_color, "Use no colour")->group(group);
}

void add_compute_options(CLI::App& app, std::string& device, int& workers,
                         std::optional<int>& batch) {
  app.add_option("--device", device, "Where to compute: auto, cpu, cuda, cuda:N, cuda:all")
      ->capture_default_str();
  app.add_option("--workers", workers, "Threads, 0 for all cores it may use")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--batch", batch,
                 "Images in one forward pass (default: 4, the fastest in long lists)")
      ->check(CLI::Range(1, 4096));
}

void add_backbone_input(CLI::App& app, std::optional<std::array<float, 3>>& mean,
                        std::optional<std::array<float, 3>>& std) {
  const auto add = [&](const char* name, std::optional<std::array<float, 3>>& to, const char* help,
                       double least) {
    const auto take = [&to](const std::vector<float>& rgb) { to = {rgb[0], rgb[1], rgb[2]}; };
    app.add_option_function<std::vector<float>>(name, take, help)
        ->delimiter(',')
        ->expected(3)
        ->check(number_between(least, 1));
  };
  add("--mean", mean, "Mean R,G,B an unlisted backbone expects, of pixels in [0, 1]", 0);
  add("--std", std, "Standard deviation R,G,B of the same", 0.0001);
}

void add_image_limits(CLI::App& app, DecodeOptions& decode) {
  app.add_option("--max-pixels", decode.max_pixels, "Leave out images of more pixels")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40))
      ->capture_default_str();
  app.add_option("--max-file-size", decode.max_file_bytes,
                 "Leave out larger files: bytes, or with KB, MB, GB")
      ->transform(CLI::AsSizeValue(true))
      ->default_str("1 GiB");
}

void add_force(CLI::App& app, bool& force) {
  app.add_flag("-f,--force", force, "Replace an earlier output of the same kind");
}

void add_allow_skipped(CLI::App& app, bool& allow_skipped) {
  app.add_flag("--allow-skipped", allow_skipped, "Exit 0, not 3, when inputs were left out");
}

CLI::Validator number_between(double low, double high) {
  std::ostringstream range;
  range << low << " to " << high;
  return {[low, high, text = range.str()](std::string& input) {
            double value = 0;
            const bool right = parse_number(input, value) && value >= low && value <= high;
            return right ? std::string() : "'" + input + "' is no number from " + text;
          },
          range.str(), "number"};
}

}  // namespace preannotate::cli
