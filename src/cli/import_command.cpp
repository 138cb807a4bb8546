#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "agreement_text.h"
#include "all_commands.h"
#include "class_pairs.h"
#include "label_problems.h"
#include "preannotate/core/json.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/review/answer_statistics.h"
#include "preannotate/review/import.h"
#include "wrapped.h"

namespace preannotate::cli {
namespace {

constexpr size_t kShown = 20;  // conflicts, and changes of a dry run

struct Options {
  ImportOptions import;
  std::vector<std::string> renamed;  // old=new
  bool allow_skipped = false;
};

/// "cat", or "nothing".
std::string class_of(const std::optional<Label>& label, const ImportResult& result) {
  return label ? result.categories.at(static_cast<size_t>(label->category)) : "nothing";
}

std::string place_of(const Label& label) {
  if (!label.box) return "";
  char text[80];
  std::snprintf(text, sizeof text, " at %.0f, %.0f, %.0f x %.0f", label.box->x1, label.box->y1,
                label.box->width(), label.box->height());
  return text;
}

/// "cat", or where both say so, with the place.
std::string said(const std::optional<Label>& label, const ObjectConflict& object,
                 const ImportResult& result) {
  const bool same_class =
      object.ours && object.theirs && object.ours->category == object.theirs->category;
  return class_of(label, result) + (same_class && label ? place_of(*label) : "");
}

Json label_json(const std::optional<Label>& label, const ImportResult& result) {
  if (!label) return nullptr;
  Json json = {{"category", class_of(label, result)}};
  if (!label->id.empty()) json["id"] = label->id;
  if (label->box)
    json["bbox"] = {label->box->x1, label->box->y1, label->box->width(), label->box->height()};
  return json;
}

Json labels_json(const std::vector<Label>& labels, const ImportResult& result) {
  Json list = Json::array();
  for (const Label& label : labels) list.push_back(label_json(label, result));
  return list;
}

Json changes_json(const ImportResult& result) {
  Json list = Json::array();
  for (const auto& change : result.changes) {
    list.push_back({{"image", change.image},
                    {"reviewer", change.reviewer},
                    {"before", labels_json(change.before, result)},
                    {"after", labels_json(change.after, result)}});
  }
  return list;
}

Json conflicts_json(const ImportResult& result) {
  Json list = Json::array();
  for (const auto& conflict : result.conflicts) {
    list.push_back(
        {{"image", conflict.image},
         {"reviewers", {conflict.ours_by, conflict.theirs_by}},
         {"sent", label_json(conflict.object.base, result)},
         {"said",
          {label_json(conflict.object.ours, result), label_json(conflict.object.theirs, result)}}});
  }
  return list;
}

void print_json(const Options& options, const ImportResult& result) {
  std::cout << json_text({{"format", result.format},
                          {"dry_run", options.import.dry_run},
                          {"images", result.images},
                          {"answers", result.answers},
                          {"skipped", result.skipped},
                          {"known", result.known},
                          {"unchanged", result.unchanged},
                          {"open", result.open},
                          {"merged", result.merged},
                          {"back_to_review", result.asked},
                          {"reviewers", result.reviewers},
                          {"added_classes", result.added_classes},
                          {"objects",
                           {{"accepted", result.objects.accepted},
                            {"relabelled", result.objects.relabelled},
                            {"moved", result.objects.moved},
                            {"deleted", result.objects.deleted},
                            {"added", result.objects.added}}},
                          {"changes", changes_json(result)},
                          {"conflicts", conflicts_json(result)},
                          {"agreement", agreement_json(result.agreement)},
                          {"problems", problems_json(result.problems)}},
                         1)
            << '\n';
}

/// "cat -> dog, hen deleted, 2 cat moved, cow added".
std::string sentence_of(const ImportChange& change, const ImportResult& result) {
  std::vector<std::string> parts;
  for (const ObjectPair& pair : paired_objects(change.before, change.after, {})) {
    const auto before = pair.before < 0
                            ? std::nullopt
                            : std::optional(change.before[static_cast<size_t>(pair.before)]);
    const auto after = pair.after < 0
                           ? std::nullopt
                           : std::optional(change.after[static_cast<size_t>(pair.after)]);
    if (!before) {
      parts.push_back(class_of(after, result) + " added");
    } else if (!after) {
      parts.push_back(class_of(before, result) + " deleted");
    } else if (before->category != after->category) {
      parts.push_back(class_of(before, result) + " -> " + class_of(after, result));
    } else if (was_moved(*before, *after, {})) {
      parts.push_back(class_of(before, result) + " moved");
    }
  }
  return parts.empty() ? "moved a little" : join_names(parts, 6);
}

void print_changes(const ImportResult& result) {
  for (size_t i = 0; i < std::min(result.changes.size(), kShown); ++i) {
    const auto& change = result.changes[i];
    std::cout << "  " << printable(change.image)
              << (change.reviewer.empty() ? "" : " (" + printable(change.reviewer) + ")") << ": "
              << printable(sentence_of(change, result)) << '\n';
  }
  if (result.changes.size() > kShown)
    std::cout << "  and " << human_count(result.changes.size() - kShown) << " more (--json)\n";
}

void print_conflicts(const Options& options, const ImportResult& result) {
  if (result.conflicts.empty()) return;
  std::cout << "differ   "
            << wrapped("people say different things of " +
                       counted(result.conflicts.size(), "object") + ", settled by " +
                       options.import.resolve)
            << '\n';
  for (size_t i = 0; i < std::min(result.conflicts.size(), kShown); ++i) {
    const auto& conflict = result.conflicts[i];
    std::cout << "  " << printable(conflict.image) << ": " << printable(conflict.ours_by)
              << " says " << printable(said(conflict.object.ours, conflict.object, result)) << ", "
              << printable(conflict.theirs_by) << " "
              << printable(said(conflict.object.theirs, conflict.object, result)) << '\n';
  }
  if (result.conflicts.size() > kShown)
    std::cout << "  and " << human_count(result.conflicts.size() - kShown) << " more (--json)\n";
}

void print_counts(const ImportResult& result) {
  std::cout << "answers  " << human_count(result.answers) << " new, of "
            << counted(result.images, "image") << " (" << result.format << ")";
  if (!result.reviewers.empty()) std::cout << ", by " << printable(join_names(result.reviewers, 3));
  std::cout << '\n';
  const ObjectCounts& objects = result.objects;
  if (objects.handled() > 0) {
    std::cout << "objects  " << human_count(objects.accepted) << " accepted, "
              << human_count(objects.relabelled) << " relabelled, " << human_count(objects.moved)
              << " moved, " << human_count(objects.deleted) << " deleted, "
              << human_count(objects.added) << " added\n";
  }
  if (result.skipped > 0) {
    std::cout << "skipped  " << human_count(result.skipped)
              << " by people: these say nothing of their image\n";
  }
  if (!result.added_classes.empty())
    std::cout << "classes  " << wrapped("new: " + printable(join_names(result.added_classes)))
              << '\n';
  if (result.merged > 0) {
    std::cout << "merged   " << counted(result.merged, "image")
              << " that others had answered too: what each changed is kept\n";
  }
  if (result.asked > 0)
    std::cout << "ask      " << human_count(result.asked)
              << (result.asked == 1 ? " image goes" : " images go") << " back to review\n";
}

void print_rest(const ImportResult& result) {
  if (result.known > 0)
    std::cout << "known    " << counted(result.known, "answer") << " that had been taken before\n";
  if (result.open > 0)
    std::cout << "open     " << counted(result.open, "image")
              << " that nobody has answered there\n";
  if (result.unchanged > 0) {
    std::cout << "as sent  "
              << wrapped(human_count(result.unchanged) + " images came back unchanged, and " +
                         result.format +
                         " does not tell whether anybody looked: no answers. If somebody looked "
                         "at all of them: --unchanged accepted")
              << '\n';
  }
}

void print(const Options& options, const ImportResult& result) {
  print_counts(result);
  if (options.import.dry_run) print_changes(result);
  print_conflicts(options, result);
  const auto agreement = agreement_text(result.agreement);
  if (!agreement.empty()) std::cout << "agree    " << wrapped(agreement) << '\n';
  print_rest(result);
  const auto drafts = printable(options.import.drafts.string());
  if (result.answers == 0) {
    std::cout << "nothing new\n";
  } else if (options.import.dry_run) {
    std::cout << "nothing was written (--dry-run)\n";
  } else {
    std::cout << "next     preannotate statistics " << drafts << '\n';
  }
}

ExitCode run_import(Options& options, const SharedOptions& shared) {
  options.import.renamed = class_pairs(options.renamed);
  const ImportResult result = import_answers(options.import);
  if (shared.json) {
    print_json(options, result);
  } else {
    print(options, result);
  }
  const bool left_out = warn_of(result.problems);
  return left_out && !options.allow_skipped ? kSomeSkipped : kDone;
}

}  // namespace

std::function<ExitCode()> declare_import(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<Options>();
  ImportOptions& o = options->import;
  app.add_option("drafts", o.drafts, "Drafts folder that predict wrote")->required();
  app.add_option("--from", o.from, "What the labelling tool exported")->required();
  app.add_option("--format", o.format, "One of " + format_list() + " (default: its looks)");
  app.add_option("--selection", o.selection, "Name of the selection that was answered");
  app.add_option("--reviewer", o.reviewer, "Who answered, where the export does not tell");
  app.add_option("--map", options->renamed, "OLD=NEW: a class of the export by the drafts' name");
  app.add_flag("--add-classes", o.add_classes, "Classes that the drafts do not have are new ones");
  app.add_option("--resolve", o.resolve, "People differ: latest, majority or ask (review again)")
      ->capture_default_str();
  app.add_option("--unchanged", o.unchanged,
                 "Images back as sent, of tools that do not tell: untouched, accepted")
      ->capture_default_str();
  app.add_option("--iou", o.iou, "Boxes: overlap from which two people say the same")
      ->check(number_between(0.05, 1))
      ->capture_default_str();
  app.add_flag("--dry-run", o.dry_run, "Show what would change and write nothing");
  add_allow_skipped(app, options->allow_skipped);
  return [options, &shared] { return run_import(*options, shared); };
}

}  // namespace preannotate::cli
