#include "report_drafts.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "preannotate/core/text.h"
#include "report_page.h"
#include "report_quality.h"
#include "report_values.h"

namespace preannotate {

using namespace report;

namespace {

constexpr size_t kMostClasses = 30;

// Pairs of bars, and the verdict that is a warning.
constexpr const char* kDraftsStyle = R"css(
h1.unlike { color: var(--warn); }
.mix td { padding: .15rem .5rem .15rem 0; border: 0; vertical-align: middle; }
.mix th { border: 0; padding: .15rem .9rem .15rem 0; vertical-align: middle; overflow-wrap: anywhere; }
.mix tbody tr:first-child > * { border-top: 1px solid var(--rule); padding-top: .5rem; }
.mix tbody tr:last-child > * { padding-bottom: .5rem; }
.mix .track { width: 60%; min-width: 8rem; }
.mix .track i { display: block; height: .8em; border-radius: 2px;
                print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.mix .seed { background: var(--bar); }
.mix .folder { background: var(--accent); }
)css";

std::string verdict_words(const std::string& verdict) {
  if (verdict == "like") return "The folder is like the seed";
  if (verdict == "unlike") return "The folder is unlike the seed";
  return "Whether the folder is like the seed is not known";
}

std::string interval_words(const Json& auc) {
  const auto low = number(auc, "low"), high = number(auc, "high");
  return low && high ? concat({decimal(*low, 2), "–", decimal(*high, 2)}) : "";
}

std::string unlike_words(const Json& drift) {
  return concat(
      {percent(number(drift, "strange_share").value_or(0), 0),
       " of the images are stranger than 95 % of the seed's of their class. The accuracy that "
       "train "
       "measured holds for images like the seed's only: check a sample before these drafts are "
       "used, or label some of this folder and train again."});
}

std::string why_unknown(const Json& drift) {
  if (text(drift, "verdict") == "no_reference") {
    return "The run keeps no images to compare with: an earlier version made it, or none of its "
           "seed was judged by a model that had not learned from it. Train again to have a "
           "verdict.";
  }
  if (text(drift, "verdict") == "other_precision") {
    return "Drafts in int8 are not compared with a seed in another precision, nor the other way: "
           "the difference alone looks like another kind of images. Use --precision auto on a "
           "machine like the one that trained.";
  }
  return concat({counted(number(drift, "images").value_or(0), "image"), " of the folder and ",
                 counted(number(drift, "reference_images").value_or(0), "image"),
                 " of the seed can be compared; a verdict needs 20 of both."});
}

std::string lede(const Json& drift) {
  const std::string verdict = text(drift, "verdict");
  if (verdict == "unlike") return unlike_words(drift);
  if (verdict != "like") return why_unknown(drift);
  return "Its images are about as strange to the model as the seed's own: the accuracy that "
         "train measured should hold.";
}

std::string drift_tiles(const Json& drift) {
  const Json& auc = part(drift, "auc");
  const auto value = number(auc, "value"), images = number(drift, "images");
  if (!value || images.value_or(0) < 1) return "";
  std::string tiles = tile(
      "Strangeness (AUC)", decimal(*value, 2),
      concat({"0.5 is like it, 1 all stranger; 95 % interval ", unbroken(interval_words(auc))}));
  if (const auto p = number(drift, "p_value")) {
    tiles += tile("p-value", *p < 1e-4 ? "&lt; 0.0001" : decimal(*p, *p < 0.01 ? 4 : 2),
                  "how often a folder like the seed is as strange");
  }
  tiles += tile("Strange images", percent(number(drift, "strange_share").value_or(0), 0),
                concat({"stranger than 95 % of the seed's; of ", counted(*images, "image")}));
  return tiles;
}

std::string bucket_tiles(const Json& summary) {
  const Json& buckets = part(summary, "buckets");
  const auto count = [&](const char* name) {
    return human_count(static_cast<std::uint64_t>(number(buckets, name).value_or(0)));
  };
  std::string tiles = tile("To accept", count("accept"), "images the model is sure of");
  tiles += tile("To review", count("review"), "images for a person to look at");
  if (number(buckets, "empty").value_or(0) > 0) tiles += tile("Empty", count("empty"), "images");
  const double out = number(summary, "skipped").value_or(0) + number(summary, "failed").value_or(0);
  if (out > 0) {
    tiles += tile("Left out", human_count(static_cast<std::uint64_t>(out)),
                  "images; why says summary.json");
  }
  return tiles;
}

std::string mix_row(std::string_view name, std::string_view kind, double share, double most) {
  return concat({"<tr>", name, "<td>", kind, "</td><td class=\"track\"><i class=\"", kind,
                 "\" style=\"width:", decimal(100 * share / most, 1),
                 "%\"></i></td><td class=\"num\">", percent(share), "</td></tr>\n"});
}

std::string mix_words(const Json& mix) {
  std::string words = concat({"<p>", percent(number(mix, "total_variation").value_or(0), 0),
                              " of the labels would have to move for the drafts to be spread over "
                              "the classes as the seed is. "});
  const Json& missing = part(mix, "missing");
  for (size_t i = 0; missing.is_array() && i < missing.size(); ++i) {
    words += concat({i == 0 ? "Never drafted: " : ", ", html_escape(missing[i].get<std::string>()),
                     i + 1 == missing.size() ? ". " : ""});
  }
  const std::string dominant = text(mix, "dominant");
  if (!dominant.empty()) words += concat({"Nearly all drafts are ", dominant, ". "});
  return words + "That alone is no reason for distrust; it is not part of the verdict.</p>\n";
}

/// Names of the classes in the seed's order, of many those whose share changed most.
std::vector<std::string> shown_classes(const Json& seed, const Json& folder) {
  std::vector<std::pair<double, std::string>> changes;
  for (const auto& [name, share] : seed.items()) {
    changes.emplace_back(std::abs(share.get<double>() - folder.value(name, 0.0)), name);
  }
  if (changes.size() > kMostClasses) {
    std::ranges::stable_sort(changes, std::greater(), &std::pair<double, std::string>::first);
    changes.resize(kMostClasses);
  }
  std::vector<std::string> names;
  for (auto& change : changes) names.push_back(std::move(change.second));
  return names;
}

std::string class_mix_section(const Json& mix) {
  const Json &seed = part(mix, "seed"), &folder = part(mix, "folder");
  if (!seed.is_object() || !folder.is_object()) return "";
  const auto names = shown_classes(seed, folder);
  double most = 1e-9;
  for (const auto& name : names) {
    most = std::max({most, seed.value(name, 0.0), folder.value(name, 0.0)});
  }
  std::string rows;
  for (const auto& name : names) {
    const std::string head =
        concat({"<th scope=\"rowgroup\" rowspan=\"2\">", html_escape(name), "</th>"});
    rows += concat({"<tbody>\n", mix_row(head, "seed", seed.value(name, 0.0), most),
                    mix_row("", "folder", folder.value(name, 0.0), most), "</tbody>\n"});
  }
  const std::string some =
      names.size() < seed.size()
          ? concat({"<p class=\"hint\">The ", std::to_string(kMostClasses), " of ",
                    std::to_string(seed.size()), " classes whose share changed most.</p>\n"})
          : "";
  return section(
      "mix", "Classes: the folder's drafts against the seed",
      concat({mix_words(mix), some,
              scrolling("Classes", concat({"<table class=\"mix\">", rows, "</table>"}))}));
}

std::string picture_figure(const StrangePicture& picture) {
  const std::string name = html_escape(picture.image.image);
  const std::string drafted = html_escape(picture.image.drafted);
  std::string html = "<figure>";
  if (picture.jpeg.empty()) {
    html += "<div class=\"blank\">no preview</div>";
  } else {
    html += concat({"<img alt=\"", name, ", drafted ", drafted, "\" src=\"",
                    picture_source(picture.jpeg), "\">"});
  }
  return concat({html, "<figcaption><span class=\"guess\"><i>drafted</i> ",
                 drafted.empty() ? "nothing" : drafted, "</span><span><i>stranger than</i> ",
                 percent(picture.image.strangeness, 0), ", <i>distance</i> ",
                 decimal(picture.image.distance, 2), "</span><span class=\"path\">", name,
                 "</span></figcaption></figure>\n"});
}

std::string strangest_section(const std::vector<StrangePicture>& strangest) {
  if (strangest.empty()) return "";
  std::string figures;
  for (const auto& picture : strangest) figures += picture_figure(picture);
  return section("strangest", "The strangest images",
                 concat({"<p>Share of the seed's images of the drafted class that lie nearer to "
                         "their like, and the distance to the five nearest; 1 is usual between any "
                         "two images of the seed.</p>\n<div class=\"pictures\">\n",
                         figures, "</div>\n"}));
}

}  // namespace

std::string drafts_report(const Json& summary, const std::vector<StrangePicture>& strangest) {
  const Json& drift = part(summary, "drift");
  const std::string verdict = text(drift, "verdict"), words = verdict_words(verdict);
  std::string body = concat({"<h1", verdict == "unlike" ? " class=\"unlike\"" : "", ">", words,
                             "</h1>\n<p class=\"lede\">", lede(drift), "</p>\n"});
  body += concat({"<dl class=\"tiles\">\n", drift_tiles(drift), bucket_tiles(summary), "</dl>\n"});
  body += class_mix_section(part(drift, "class_mix")) + strangest_section(strangest);
  body += concat({"<footer><dl><dt>Model</dt><dd>", text(summary, "model_version"),
                  "</dd><dt>Written by</dt><dd>preannotate " PREANNOTATE_VERSION
                  "</dd></dl>\n<p>The same figures, for programs: summary.json.</p></footer>\n"});
  return page(words, "Drafts", kDraftsStyle, body);
}

}  // namespace preannotate
