#include "box_cost.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

struct Action {
  const char* name;
  double& (*seconds)(PersonCost& cost);
};

constexpr Action kActions[] = {
    {"draw", [](PersonCost& cost) -> double& { return cost.boxes.draw; }},
    {"verify", [](PersonCost& cost) -> double& { return cost.boxes.verify; }},
    {"adjust", [](PersonCost& cost) -> double& { return cost.boxes.adjust; }},
    {"remove", [](PersonCost& cost) -> double& { return cost.boxes.remove; }},
    {"reclass", [](PersonCost& cost) -> double& { return cost.boxes.reclass; }},
    {"scan", [](PersonCost& cost) -> double& { return cost.boxes.scan; }},
    {"load", [](PersonCost& cost) -> double& { return cost.boxes.load; }},
    {"class_choose", [](PersonCost& cost) -> double& { return cost.classes.choose_base; }},
    {"class_choose_doubling",
     [](PersonCost& cost) -> double& { return cost.classes.choose_doubling; }},
    {"class_verify", [](PersonCost& cost) -> double& { return cost.classes.verify; }},
    {"class_fix", [](PersonCost& cost) -> double& { return cost.classes.fix; }},
    {"class_grid", [](PersonCost& cost) -> double& { return cost.classes.grid; }},
    {"class_click", [](PersonCost& cost) -> double& { return cost.classes.click; }},
};

double& seconds_of_action(PersonCost& cost, const std::string& name, const fs::path& path) {
  std::vector<std::string> known;
  for (const auto& action : kActions) {
    if (name == action.name) return action.seconds(cost);
    known.emplace_back(action.name);
  }
  throw UserError(kBadInput, path, ": '", name,
                  "' is no action of the cost model; known: ", join_names(known));
}

double seconds_of(const Json& value, const std::string& name, const std::string& column,
                  const fs::path& path) {
  if (value.is_object() && !value.contains(column)) {
    throw UserError(kUsageError, path, ": '", name, "' has no column '", column, "'");
  }
  const Json& number = value.is_object() ? value.at(column) : value;
  const bool fits = number.is_number() && number.get<double>() >= 0 && number.get<double>() <= 3600;
  if (!fits) {
    throw UserError(kBadInput, path, ": '", name, "' is ", number.dump(),
                    ", expected seconds from 0 to 3600");
  }
  return number.get<double>();
}

}  // namespace

PersonCost read_person_cost(const std::string& file_and_column) {
  PersonCost cost;
  if (file_and_column.empty()) return cost;
  fs::path path = file_and_column;
  std::string column = "central";
  const size_t colon = file_and_column.rfind(':');
  if (!fs::exists(path) && colon != std::string::npos) {
    path = file_and_column.substr(0, colon);
    column = file_and_column.substr(colon + 1);
  }
  if (!fs::exists(path)) throw UserError(kUsageError, "--cost ", path, " does not exist");
  const Json file = read_json(path);
  for (const auto& [name, value] : field(file, "seconds", path.string()).items()) {
    seconds_of_action(cost, name, path) = seconds_of(value, name, column, path);
  }
  cost.classes.load = cost.boxes.load;  // one action, whatever is opened
  return cost;
}

BoxCost read_box_cost(const std::string& file_and_column) {
  return read_person_cost(file_and_column).boxes;
}

}  // namespace preannotate
