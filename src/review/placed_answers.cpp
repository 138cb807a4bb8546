#include "placed_answers.h"

#include <set>

#include "image_names.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"
#include "preannotate/review/answers.h"

namespace preannotate {

namespace {

constexpr size_t kNamed = 10;  // of unknown classes, and of known ones in a message

/// The categories that labels of the export use.
std::set<int> used_categories(const Returned& returned) {
  std::set<int> used;
  for (const ReturnedAnswer& answer : returned.answers) {
    for (const Label& label : answer.labels) used.insert(label.category);
    if (!answer.sent) continue;
    for (const Label& label : *answer.sent) used.insert(label.category);
  }
  return used;
}

void check_renamed(const Returned& returned, const ImportOptions& options) {
  for (const auto& [old, name] : options.renamed) {
    if (category_index(returned.categories, old) >= 0) continue;
    const auto nearest = nearest_name(old, returned.categories);
    throw UserError(kUsageError, "--map ", old, "=", name, ": ", options.from, " has no class '",
                    old, "'", nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
  }
}

[[noreturn]] void refuse_classes(const std::vector<std::string>& unknown,
                                 const std::vector<std::string>& known,
                                 const ImportOptions& options) {
  std::vector<std::string> named;
  for (const auto& name : unknown) {
    const auto nearest = nearest_name(name, known);
    named.push_back("'" + name + "'" +
                    (nearest.empty() ? "" : " (did you mean '" + nearest + "'?)"));
  }
  throw UserError(kBadInput, options.from, ": ", unknown.size() == 1 ? "class " : "classes ",
                  join_names(named, kNamed), unknown.size() == 1 ? " is" : " are",
                  " not among the drafts' ", known.size(), " (", join_names(known, kNamed),
                  "); --map OLD=NEW renames one, --add-classes takes them as new ones");
}

/// Number among `placed.categories`, where new ones are added, for each of the export's; -1:
/// unused.
std::vector<int> category_numbers(const Returned& returned, const ImportOptions& options,
                                  PlacedAnswers& placed) {
  check_renamed(returned, options);
  const auto used = used_categories(returned);
  std::vector<int> numbers(returned.categories.size(), -1);
  std::vector<std::string> unknown;
  for (const int category : used) {
    const auto& old = returned.categories[static_cast<size_t>(category)];
    const auto renamed = options.renamed.find(old);
    const auto& name = renamed == options.renamed.end() ? old : renamed->second;
    int number = category_index(placed.categories, name);
    if (number < 0) {
      number = static_cast<int>(placed.categories.size());
      unknown.push_back(name);
      placed.categories.push_back(name);
    }
    numbers[static_cast<size_t>(category)] = number;
  }
  if (!unknown.empty() && !options.add_classes) {
    placed.categories.resize(placed.categories.size() - unknown.size());
    refuse_classes(unknown, placed.categories, options);
  }
  placed.added_classes = std::move(unknown);
  return numbers;
}

/// Boxes in pixels of another frame would lie elsewhere.
void check_size(const ReturnedAnswer& answer, const Sample& draft, const ImportOptions& options) {
  if (answer.width == 0 || answer.height == 0 || draft.width == 0 || draft.height == 0) return;
  if (answer.width == draft.width && answer.height == draft.height) return;
  const bool turned = answer.width == draft.height && answer.height == draft.width;
  throw UserError(kBadInput, options.from, ": image '", answer.image, "' is ", answer.width, "x",
                  answer.height, " there, the drafts are of ", draft.width, "x", draft.height,
                  turned ? ": that is the image before its EXIF orientation; export boxes of the "
                           "upright image"
                         : ": boxes would lie elsewhere; label the images that were drafted");
}

void number_labels(std::vector<Label>& labels, const std::vector<int>& numbers) {
  for (Label& label : labels) label.category = numbers[static_cast<size_t>(label.category)];
}

class Placing {
 public:
  Placing(const DraftSet& drafts, const ImportOptions& options, PlacedAnswers& placed)
      : drafts_(drafts), options_(options), names_(drafts), placed_(placed) {}

  /// The draft of each name of the export that stands for one.
  std::map<std::string, std::string> images_of(const Returned& returned) {
    std::map<std::string, std::set<std::string>> names;  // by draft
    for (const ReturnedAnswer& answer : returned.answers) {
      const auto image = image_of(answer.image);
      if (!image.empty()) names[image].insert(answer.image);
    }
    std::map<std::string, std::string> images;
    for (const auto& [image, same] : names) {
      // The draft's own name is no other image's; of others none may be another's too.
      const bool own = same.contains(image);
      for (const auto& name : same) {
        if (name == image || (!own && same.size() == 1)) {
          images[name] = image;
          continue;
        }
        const auto& other = own ? image : name == *same.begin() ? *same.rbegin() : *same.begin();
        leave_out(name, "image_ambiguous",
                  "may be '" + image + "', and so may '" + other + "'; name it with its folder");
      }
    }
    return images;
  }

  void place(const std::string& image, ReturnedAnswer answer) {
    const Sample& draft = drafts_.drafted(drafts_.at.at(image)).sample;
    if (drafts_.task == "detect") check_size(answer, draft, options_);
    try {
      fit_task(answer);
    } catch (const UserError& error) {
      return leave_out(answer.image, "wrong_kind", error.what());
    }
    answer.image = image;
    placed_.by_image[image].push_back(std::move(answer));
  }

 private:
  /// The draft that a name stands for; "" when it is left out.
  std::string image_of(const std::string& name) {
    const auto matches = names_.matches(name);
    if (matches.size() == 1) return matches[0];
    if (matches.empty()) {
      leave_out(name, "image_unknown", "is not among the drafts, by its path below the source");
    } else {
      leave_out(name, "image_ambiguous",
                "may be '" + matches[0] + "' or '" + matches[1] + "'; name it with its folder");
    }
    return "";
  }

  void leave_out(const std::string& name, const std::string& reason, const std::string& detail) {
    if (left_out_.insert(name).second) placed_.problems.push_back({name, reason, detail});
  }

  void fit_task(ReturnedAnswer& answer) const {
    Sample sample;
    sample.image = answer.image;
    if (answer.sent) {
      sample.labels = *answer.sent;
      answer.sent = labels_for(sample, drafts_.task, options_.from);
    }
    sample.labels = answer.labels;
    answer.labels = labels_for(sample, drafts_.task, options_.from);
  }

  const DraftSet& drafts_;
  const ImportOptions& options_;
  ImageNames names_;
  PlacedAnswers& placed_;
  std::set<std::string> left_out_;
};

}  // namespace

PlacedAnswers placed_answers(Returned returned, const DraftSet& drafts,
                             const std::vector<std::string>& known, const ImportOptions& options) {
  PlacedAnswers placed;
  placed.categories = known;
  const auto numbers = category_numbers(returned, options, placed);
  placed.problems = std::move(returned.problems);
  Placing placing(drafts, options, placed);
  const auto image_by_name = placing.images_of(returned);
  for (ReturnedAnswer& answer : returned.answers) {
    const auto image = image_by_name.find(answer.image);
    if (image == image_by_name.end()) continue;
    number_labels(answer.labels, numbers);
    if (answer.sent) number_labels(*answer.sent, numbers);
    placing.place(image->second, std::move(answer));
  }
  if (image_by_name.empty() && !returned.answers.empty()) {
    throw UserError(
        kBadInput, options.from, ": none of its images is in ", drafts.folder,
        ", matched by path below the source (here: '", returned.answers[0].image,
        drafts.pool.empty() ? "'" : "', there: '" + drafts.drafted(0).sample.image + "'", ")");
  }
  return placed;
}

}  // namespace preannotate
