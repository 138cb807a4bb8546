#include "export_page.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "page_files.h"
#include "preannotate/core/text.h"

namespace preannotate {

namespace {

constexpr size_t kColours = 12;  // as export.css has them
constexpr double kUnsure = 0.5;  // a draft with a lower score is dashed

std::string_view style() {
  for (const PageFile& file : page_files())
    if (file.name == "export.css") return file.bytes;
  return "";
}

std::string base64(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  text.pop_back();  // the zero that it ends with
  return text;
}

/// Only certainty is 100 %, only impossibility 0 %.
std::string percent(double score) {
  if (score > 0 && score < 0.005) return "&lt; 1 %";
  const long whole = std::lround(100 * score);
  return std::to_string(score < 1 ? std::min(whole, 99L) : 100L) + " %";
}

std::string counted(size_t count, const std::string& noun) {
  return human_count(count) + ' ' + noun + (count == 1 ? "" : "s");
}

std::string bucket_of(const ExportedImage& image) {
  return image.sample->bucket.empty() ? "review" : image.sample->bucket;
}

std::set<int> classes_of(const ExportedImage& image) {
  std::set<int> classes;
  for (const Label& label : image.sample->labels) classes.insert(label.category);
  return classes;
}

/// A radio button each, in front of what it filters, which style alone can then hide.
class Filters {
 public:
  explicit Filters(const ExportedPage& page) {
    std::map<int, size_t> classes;
    std::map<std::string, size_t> buckets;
    for (const ExportedImage& image : page.shown) {
      for (const int category : classes_of(image)) ++classes[category];
      ++buckets[bucket_of(image)];
    }
    add("class", "c", "all", "All classes", page.shown.size());
    for (const auto& [category, count] : classes)
      add("class", "c", std::to_string(category),
          html_escape(page.categories[static_cast<size_t>(category)]), count);
    add("bucket", "b", "all", "All buckets", page.shown.size());
    for (const auto& [bucket, count] : buckets)
      add("bucket", "b", html_escape(bucket), html_escape(bucket), count);
  }

  std::string rules() const { return rules_.str(); }
  std::string html() const {
    return inputs_.str() + "<nav aria-label=\"Shown\"><p>" + labels_.at("class") + "</p><p>" +
           labels_.at("bucket") + "</p></nav>\n";
  }

 private:
  void add(const std::string& group, const std::string& prefix, const std::string& name,
           const std::string& words, size_t count) {
    const std::string id = prefix + '-' + name;
    inputs_ << "<input type=\"radio\" name=\"" << group << "\" id=\"" << id << "\" aria-label=\""
            << words << '"' << (name == "all" ? " checked" : "") << ">\n";
    labels_[group] +=
        "<label for=\"" + id + "\">" + words + " <i>" + human_count(count) + "</i></label>\n";
    rules_ << '#' << id << ":checked~nav label[for=\"" << id
           << "\"]{background:var(--accent);color:var(--paper);border-color:var(--accent)}\n#" << id
           << ":focus-visible~nav label[for=\"" << id
           << "\"]{outline:3px solid var(--accent);outline-offset:2px}\n";
    if (name != "all")
      rules_ << '#' << id << ":checked~main figure:not(." << id << "){display:none}\n";
  }

  std::ostringstream inputs_, rules_;
  std::map<std::string, std::string> labels_;
};

std::string boxes_svg(const ExportedImage& image, const std::vector<std::string>& categories) {
  const Sample& sample = *image.sample;
  std::ostringstream svg;
  svg << "<svg viewBox=\"0 0 " << sample.width << ' ' << sample.height << "\">";
  for (const Label& label : sample.labels) {
    if (!label.box) continue;
    std::ostringstream place;
    place << "x=\"" << label.box->x1 << "\" y=\"" << label.box->y1 << "\" width=\""
          << label.box->width() << "\" height=\"" << label.box->height() << "\"/>";
    svg << "<g class=\"k" << static_cast<size_t>(label.category) % kColours
        << (label.score && *label.score < kUnsure ? " unsure" : "") << "\"><title>"
        << html_escape(categories[static_cast<size_t>(label.category)])
        << (label.score ? " " + percent(*label.score) : "") << "</title><rect class=\"edge\" "
        << place.str() << "<rect " << place.str() << "</g>";
  }
  svg << "</svg>";
  return svg.str();
}

std::string picture(const ExportedImage& image, const std::vector<std::string>& categories) {
  const Sample& sample = *image.sample;
  if (image.jpeg.empty())
    return "<div class=\"shot blank\">cannot be shown: " + html_escape(image.fault) + "</div>";
  const bool boxes = std::any_of(sample.labels.begin(), sample.labels.end(),
                                 [](const Label& label) { return label.box.has_value(); });
  std::ostringstream html;
  html << "<div class=\"shot\"><img loading=\"lazy\" alt=\"" << html_escape(sample.image)
       << "\" src=\"data:image/jpeg;base64," << base64(image.jpeg) << "\">"
       << (boxes ? boxes_svg(image, categories) : "") << "</div>";
  return html.str();
}

/// "shirt 93 %", "RBC 14 (27 % to 92 %), WBC 1"; of people's labels without scores.
std::string words_of(const std::vector<Label>& labels, const std::vector<std::string>& categories) {
  std::map<int, std::vector<const Label*>> by_class;
  for (const Label& label : labels) by_class[label.category].push_back(&label);
  std::string words;
  for (const auto& [category, of_class] : by_class) {
    words += (words.empty() ? "<b>" : ", <b>") +
             html_escape(categories[static_cast<size_t>(category)]) + "</b>";
    const bool boxes = of_class[0]->box.has_value();
    if (boxes) words += ' ' + std::to_string(of_class.size());
    double least = 2, most = -1;
    for (const Label* label : of_class) {
      if (!label->score) continue;
      least = std::min(least, *label->score);
      most = std::max(most, *label->score);
    }
    if (most < 0) continue;
    const std::string scores =
        percent(least) == percent(most) ? percent(most) : percent(least) + " to " + percent(most);
    words += boxes ? " (" + scores + ")" : " " + scores;
  }
  return words.empty() ? "<b>nothing</b>" : words;
}

std::string answer_words(const ExportedImage& image, const std::vector<std::string>& categories) {
  const Answer& answer = *image.answer;
  std::string words = "answered";
  if (!answer.reviewer.empty()) words += " by " + html_escape(answer.reviewer);
  if (answer.shown == "blind") return words + ", without a draft";
  return words + ", drafted: " + words_of(answer.drafts, categories);
}

std::string figure(const ExportedImage& image, const std::vector<std::string>& categories) {
  const Sample& sample = *image.sample;
  const std::string bucket = html_escape(bucket_of(image));
  std::string classes = "b-" + bucket;
  for (const int category : classes_of(image)) classes += " c-" + std::to_string(category);
  return "<figure class=\"" + classes + "\">" + picture(image, categories) +
         "<figcaption><span class=\"labels\">" + words_of(sample.labels, categories) +
         "</span><span class=\"bucket\">" +
         (image.answer ? answer_words(image, categories) : "bucket " + bucket) +
         "</span><span class=\"path\">" + html_escape(sample.image) +
         "</span></figcaption></figure>\n";
}

std::string lede(const ExportedPage& page) {
  std::string words = counted(page.images, "image") + ", " + human_count(page.answered) +
                      " of them answered by people; model " + html_escape(page.model_version) +
                      ". The least sure come first.";
  if (page.shown.size() < page.images)
    words += " <strong>This page holds the first " + human_count(page.shown.size()) +
             " of them.</strong>";
  return words;
}

}  // namespace

std::string exported_html(const ExportedPage& page) {
  const Filters filters(page);
  const std::string title = "Drafts of " + html_escape(page.folder);
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
      title + " - preannotate</title>\n<style>\n" + std::string(style()) + filters.rules() +
      "</style>\n</head>\n<body>\n<header><h1>" + title + "</h1><p>" + lede(page) +
      "</p></header>\n" + filters.html() + "<main>\n";
  for (const ExportedImage& image : page.shown) html += figure(image, page.categories);
  return html + "</main>\n<footer>Written by preannotate " PREANNOTATE_VERSION
                ". Boxes with broken lines have scores below 50 %.</footer>\n</body>\n</html>\n";
}

}  // namespace preannotate
