#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace preannotate {

/// RUN/learned.json: the SHA-256 of each image that a run learned from.
inline constexpr const char* kLearnedFile = "learned.json";
void write_learned(const std::filesystem::path& run, std::vector<std::string> sha256);

/// Absent for runs of earlier versions, which do not say it. Throws UserError(kBadInput).
std::optional<std::unordered_set<std::string>> read_learned(const std::filesystem::path& run);

}  // namespace preannotate
