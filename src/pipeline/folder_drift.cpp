#include "folder_drift.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "preannotate/pipeline/figures.h"

namespace preannotate {
namespace {

constexpr double kDecimals = 1e6;  // the ledger's
constexpr std::size_t kContentDigits = 16;

double as_written(double value) {
  return std::round(value * kDecimals) / kDecimals;
}

/// Of scores as they are written, so that an entry read back has the same class.
int class_of(const LedgerEntry& entry) {
  std::vector<double> scores = entry.scores;
  for (double& score : scores) score = as_written(score);
  return scores.empty() ? 0 : top_class(scores);
}

std::vector<float> values_of(const torch::Tensor& tensor) {
  const auto flat = tensor.to(torch::kFloat32).contiguous();
  const float* const first = flat.const_data_ptr<float>();
  return {first, first + flat.numel()};
}

StrangenessScale scale_of(const SeedReference& reference) {
  SeedFeatures features;
  features.dimension = static_cast<std::size_t>(reference.rows.size(1));
  features.rows = values_of(reference.rows);
  const auto* const classes = reference.classes.const_data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < reference.images(); ++i) {
    features.classes.push_back(static_cast<int>(classes[i]));
  }
  return StrangenessScale(std::move(features));
}

const char* word(DriftVerdict verdict) {
  switch (verdict) {
    case DriftVerdict::kLike:
      return "like";
    case DriftVerdict::kUnlike:
      return "unlike";
    case DriftVerdict::kTooFew:
      return "too_few_images";
  }
  return "";
}

bool stranger(const StrangeImage& a, const StrangeImage& b) {
  return a.strangeness != b.strangeness ? a.strangeness > b.strangeness : a.distance > b.distance;
}

/// Shares by name, in the order of the classes.
Json shares_json(const std::vector<std::string>& classes, const std::vector<double>& shares) {
  Json json = Json::object();
  for (std::size_t c = 0; c < classes.size(); ++c) json[classes[c]] = as_written(shares[c]);
  return json;
}

}  // namespace

FolderDrift::FolderDrift(const RunManifest& run, Precision precision)
    : run_(run), per_class_(run.classes.size(), 0) {
  if (!run.reference) return;
  const SeedReference& reference = *run.reference;
  const bool int8 = precision == Precision::kInt8;
  if (int8 != (reference.precision == Precision::kInt8)) return;
  scale_.emplace(scale_of(reference));
  mean_ = values_of(reference.mean);
  factor_ = values_of(reference.scale);
  contents_.insert(reference.contents.begin(), reference.contents.end());
  for (const std::size_t size : scale_->stratum_sizes()) strata_.push_back({.seed = size});
}

void FolderDrift::place(LedgerEntry& entry, std::span<const float> features) const {
  if (!scale_ || contents_.contains(entry.sha256.substr(0, kContentDigits))) return;
  if (features.size() != mean_.size()) {
    throw UserError(kBadModel, "reference.pt of the run is of ", mean_.size(),
                    " features an image, its backbone gives ", features.size(), "; train again");
  }
  std::vector<float> row(features.begin(), features.end());
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = (row[i] - mean_[i]) * factor_[i];
  const auto found = scale_->of(row, class_of(entry));
  if (!found || !std::isfinite(found->distance)) return;
  entry.strangeness = as_written(found->share);
  entry.distance = as_written(found->distance);
}

void FolderDrift::keep_if_strange(const LedgerEntry& entry) {
  StrangeImage image{entry.sample.image, "", *entry.strangeness, entry.distance};
  if (strangest_.size() == kShown && !stranger(image, strangest_.back())) return;
  for (const Label& label : image_level_labels(entry.sample)) {
    image.drafted += (image.drafted.empty() ? "" : ", ") +
                     run_.classes[static_cast<std::size_t>(label.category)];
  }
  strangest_.insert(std::upper_bound(strangest_.begin(), strangest_.end(), image, stranger), image);
  if (strangest_.size() > kShown) strangest_.pop_back();
}

void FolderDrift::add(const LedgerEntry& entry) {
  for (const Label& label : entry.sample.labels) {
    ++per_class_[static_cast<std::size_t>(label.category)];
  }
  of_the_seed_ += contents_.contains(entry.sha256.substr(0, kContentDigits));
  if (!entry.strangeness || !scale_) return;
  strata_[scale_->stratum_of(class_of(entry))].add(*entry.strangeness);
  keep_if_strange(entry);
}

Json FolderDrift::class_mix_json() const {
  std::vector<std::size_t> seed(run_.classes.size(), 0);
  const Json per_class = run_.data.value("per_class", Json::object());
  for (std::size_t c = 0; c < seed.size(); ++c) {
    const auto count = per_class.find(run_.classes[c]);
    if (count != per_class.end() && count->is_number_unsigned()) {
      seed[c] = count->get<std::size_t>();
    }
  }
  const ClassMix mix = class_mix(seed, per_class_);
  Json missing = Json::array();
  for (const std::size_t c : mix.missing) missing.push_back(run_.classes[c]);
  return {{"seed", shares_json(run_.classes, mix.seed)},
          {"folder", shares_json(run_.classes, mix.folder)},
          {"total_variation", as_written(mix.total_variation)},
          {"missing", missing},
          {"dominant",
           mix.dominant < 0 ? Json() : Json(run_.classes[static_cast<std::size_t>(mix.dominant)])}};
}

Json FolderDrift::report() const {
  if (!scale_) {
    const char* why = run_.reference ? "other_precision" : "no_reference";
    return {{"verdict", why}, {"class_mix", class_mix_json()}};
  }
  const Drift found = drift(strata_);
  return {{"verdict", word(found.verdict)},
          {"images", found.images},
          {"of_the_seed", of_the_seed_},
          {"reference_images", run_.reference->images()},
          {"auc",
           {{"value", as_written(found.auc.value)},
            {"low", as_written(found.auc.low)},
            {"high", as_written(found.auc.high)}}},
          {"p_value", found.p_value},
          {"strange_share", as_written(found.strange_share)},
          {"class_mix", class_mix_json()}};
}

std::string drift_warning(const Json& drift) {
  if (drift.at("verdict") != "unlike") return "";
  const Json& auc = drift.at("auc");
  char text[400];
  std::snprintf(text, sizeof text,
                "this folder is unlike the seed: %.0f %% of %zu images are stranger than 95 %% of "
                "the seed's of their class (AUC %.2f, 95 %% interval %.2f-%.2f, 0.5 is like it). "
                "The accuracy that train measured says nothing of it; check a sample before you "
                "use its drafts, or label some of it and train again",
                100 * drift.at("strange_share").get<double>(),
                drift.at("images").get<std::size_t>(), auc.at("value").get<double>(),
                auc.at("low").get<double>(), auc.at("high").get<double>());
  return text;
}

}  // namespace preannotate
