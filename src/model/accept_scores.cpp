#include "preannotate/model/accept_scores.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

[[noreturn]] void refuse_class(const std::string& name, const std::vector<std::string>& classes,
                               const std::string& where) {
  const std::string nearest = nearest_name(name, classes);
  throw UserError(kBadInput, where, ": '", printable(name), "' is no class of the run",
                  nearest.empty() ? "; known: " + printable(join_names(classes))
                                  : "; did you mean '" + printable(nearest) + "'?");
}

std::optional<double> score_from(const Json& value, const std::string& name,
                                 const std::string& where) {
  if (value.is_null()) return std::nullopt;
  const double score = value.is_number() ? value.get<double>() : -1;
  if (score >= 0 && score <= 1) return score;
  throw UserError(kBadInput, where, ": class '", printable(name), "' has ", value.dump(),
                  "; expected a score from 0 to 1, or null to accept none");
}

/// The object with the scores, wherever the file has it; a class has no object for its score.
const Json& by_class_in(const Json& file) {
  const Json* json = &file;
  for (const char* key : {"thresholds", "per_class"}) {
    if (json->is_object() && json->contains(key) && json->at(key).is_object()) {
      json = &json->at(key);
    }
  }
  return *json;
}

}  // namespace

Json accept_scores_json(const AcceptScores& scores, const std::vector<std::string>& classes) {
  Json json = Json::object();
  for (size_t c = 0; c < classes.size(); ++c)
    json[classes[c]] = scores[c] ? Json(*scores[c]) : Json();
  return json;
}

AcceptScores accept_scores_from(const Json& by_class, const std::vector<std::string>& classes,
                                const std::string& where) {
  if (!by_class.is_object()) {
    throw UserError(kBadInput, where, ": expected an object of scores by class, e.g. {\"",
                    printable(classes.front()), "\": 0.9, ...}");
  }
  for (const auto& [name, value] : by_class.items()) {
    if (std::find(classes.begin(), classes.end(), name) == classes.end()) {
      refuse_class(name, classes, where);
    }
  }
  AcceptScores scores;
  for (const auto& name : classes) {
    if (!by_class.contains(name)) {
      throw UserError(kBadInput, where, ": no score for class '", printable(name),
                      "'; give one from 0 to 1, or null to accept none");
    }
    scores.push_back(score_from(by_class.at(name), name, where));
  }
  return scores;
}

AcceptScores read_accept_scores(const std::filesystem::path& file,
                                const std::vector<std::string>& classes) {
  const Json json = read_json(file);
  return accept_scores_from(by_class_in(json), classes, file.string());
}

}  // namespace preannotate
