#include "image_names.h"

namespace preannotate {

namespace {

std::string without_extension(const std::string& image) {
  const auto dot = image.find_last_of("./");
  return dot == image.npos || dot == 0 || image[dot] == '/' || image[dot - 1] == '/'
             ? image
             : image.substr(0, dot);
}

std::string last_name(const std::string& path) {
  return path.substr(path.find_last_of('/') + 1);
}

/// "b/c" ends "a/b/c", not "ab/c".
bool ends(const std::string& whole, const std::string& part) {
  return whole.ends_with(part) &&
         (whole.size() == part.size() || whole[whole.size() - part.size() - 1] == '/');
}

}  // namespace

ImageNames::ImageNames(const DraftSet& drafts) : drafts_(drafts) {
  for (const auto& [image, item] : drafts.at)
    by_name_.emplace(last_name(without_extension(image)), image);
}

std::vector<std::string> ImageNames::matches(const std::string& image) const {
  if (drafts_.at.contains(image)) return {image};
  const auto name = without_extension(image);
  std::vector<std::string> same, found;
  const auto [first, last] = by_name_.equal_range(last_name(name));
  for (auto it = first; it != last; ++it) {
    const auto other = without_extension(it->second);
    if (other == name) same.push_back(it->second);
    if (ends(other, name) || ends(name, other)) found.push_back(it->second);
  }
  return same.empty() ? found : same;
}

}  // namespace preannotate
