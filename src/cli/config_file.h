#pragma once

#include <CLI/CLI.hpp>

namespace preannotate::cli {

/// Reader of --config: `option = value` below [command], in TOML's strings, numbers, true and
/// false, and arrays. CLI11's own reader cuts strings at '#', trips over a BOM and gives no line.
/// Throws UserError(kUsageError) "file:line: ...", also for a section or key that `program` lacks.
class ConfigFile : public CLI::Config {
 public:
  explicit ConfigFile(const CLI::App& program) : program_(program) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;
  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }

 private:
  const CLI::App& program_;
};

}  // namespace preannotate::cli
