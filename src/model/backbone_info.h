#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "preannotate/core/json.h"
#include "preannotate/model/backbone.h"

namespace preannotate {

/// The entry of `models`/manifest.json whose sha256 is `sha256`; nullopt when there is none, or no
/// manifest.
std::optional<Json> manifest_entry(const std::filesystem::path& models, const std::string& sha256);

/// From backbone.json inside the file, else from the manifest's entry, else from flags, in this
/// order. Throws UserError(kBadModel) when none gives mean and std.
BackboneInfo backbone_info(const BackboneOptions& options, const std::string& info_json,
                           const std::optional<Json>& listed);

/// As it stands in run.json, and back.
Json info_as_json(const BackboneInfo& info);
BackboneInfo info_from_json(const Json& json, const std::string& where);

}  // namespace preannotate
