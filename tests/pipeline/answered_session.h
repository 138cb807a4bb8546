#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "preannotate/data/answer_log.h"
#include "preannotate/pipeline/update.h"
#include "session.h"

namespace preannotate::testing_support {

/// A session whose drafts people answer: runs/r1, drafts, and labels that nobody learns from.
class AnsweredSession : public SessionTest {
 protected:
  /// The last `gold` of the unlabelled images judge.
  void prepare(int per_class, int unlabelled, size_t gold) {
    world_ = make_world(folder_ / "world", per_class, unlabelled);
    auto options = train_options(world_);
    options.output = folder_ / "runs" / "r1";
    options.augment = "none";
    train(options);
    draft("r1", {});
    std::istringstream lines(read_text(world_.truth));
    std::string line;
    for (std::getline(lines, line); std::getline(lines, line);) {
      truth_[line.substr(0, line.find(','))] = line.substr(line.find(',') + 1);
    }
    for (const auto& entry : ledger()) images_.push_back(entry.sample.image);
    std::string csv = "path,label\n";
    for (size_t i = images_.size() - gold; i < images_.size(); ++i) {
      csv += "unlabelled/" + images_[i] + "," + truth_.at(images_[i]) + "\n";
    }
    write_text(world_.folder / "gold.csv", csv);
    images_.resize(images_.size() - gold);
  }

  PredictResult draft(const std::string& run, const std::vector<std::string>& formats,
                      bool keep_answers = false) {
    auto options = predict_options(world_);
    options.model = folder_ / "runs" / run;
    options.formats = formats;
    options.keep_answers = keep_answers;
    return predict(options);
  }

  /// What a person says of an image; "" is no class at all.
  Answer answer(const std::string& image, const std::string& label,
                const std::string& shown = "draft") {
    Answer answer;
    for (const auto& entry : ledger()) {
      if (entry.sample.image != image) continue;
      answer.sha256 = entry.sha256;
      if (shown != "blind") answer.drafts = entry.sample.labels;
    }
    answer.at = utc_now();
    answer.image = image;
    answer.reviewer = "ann";
    answer.via = "review";
    answer.shown = shown;
    if (!label.empty()) {
      if (category_index(categories_, label) < 0) categories_.push_back(label);
      answer.labels.push_back({category_index(categories_, label), {}, {}, ""});
    }
    return answer;
  }

  void append(const std::vector<Answer>& answers) {
    AnswerWriter(folder_ / "drafts").append(answers, categories_);
  }

  std::string wrong(const std::string& image) const {
    const auto& right = truth_.at(image);
    return right == "blue" ? "green" : right == "green" ? "red" : "blue";
  }

  UpdateOptions update_options(const std::string& output, const std::string& model = "r1") const {
    UpdateOptions options;
    options.model = folder_ / "runs" / model;
    options.reviewed = {folder_ / "drafts"};
    options.gold = world_.folder / "gold.csv";
    options.output = folder_ / "runs" / output;
    options.workers = 2;
    return options;
  }

  Json manifest(const std::string& run) const {
    return read_json(folder_ / "runs" / run / "run.json");
  }

  World world_;
  std::map<std::string, std::string> truth_;  // by image
  std::vector<std::string> images_;           // that do not judge, sorted
  std::vector<std::string> categories_{"blue", "green", "red"};
};

}  // namespace preannotate::testing_support
