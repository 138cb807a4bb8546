#include "preannotate/model/seed_reference.h"

#include <torch/csrc/jit/serialization/pickle.h>
#include <torch/script.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>

#include "preannotate/core/error.h"
#include "preannotate/core/random.h"

namespace preannotate {
namespace {

constexpr size_t kMostImages = 1000;
constexpr size_t kContentDigits = 16;

/// Positions of the images to keep, ascending.
std::vector<std::int64_t> chosen(const std::vector<std::string>& sha256, std::uint64_t seed) {
  std::vector<std::int64_t> positions;
  std::set<std::string> seen;
  for (size_t i = 0; i < sha256.size(); ++i) {
    if (seen.insert(sha256[i]).second) positions.push_back(static_cast<std::int64_t>(i));
  }
  if (positions.size() <= kMostImages) return positions;
  Random random(seed);
  random.shuffle(positions);
  positions.resize(kMostImages);
  std::sort(positions.begin(), positions.end());
  return positions;
}

/// Twice the variance is the mean squared distance between two images.
torch::Tensor scale_of(const torch::Tensor& features, const std::vector<std::int64_t>& blocks) {
  auto scale = torch::zeros({features.size(1)});
  std::int64_t first = 0;
  for (const std::int64_t width : blocks) {
    const auto block = features.slice(1, first, first + width).to(torch::kFloat64);
    const double apart = 2 * block.var(0, /*unbiased=*/false).sum().item<double>() *
                         static_cast<double>(blocks.size());
    if (apart > 0) scale.slice(0, first, first + width).fill_(1 / std::sqrt(apart));
    first += width;
  }
  return scale;
}

torch::Tensor text_tensor(const std::vector<std::string>& lines) {
  auto bytes = torch::zeros(
      {static_cast<std::int64_t>(lines.size()), static_cast<std::int64_t>(kContentDigits)},
      torch::kUInt8);
  for (size_t i = 0; i < lines.size(); ++i) {
    std::memcpy(bytes.mutable_data_ptr<std::uint8_t>() + i * kContentDigits, lines[i].data(),
                std::min(lines[i].size(), kContentDigits));
  }
  return bytes;
}

bool fits(const torch::Tensor& tensor, std::vector<std::int64_t> shape, torch::ScalarType type) {
  return tensor.scalar_type() == type && tensor.sizes() == torch::IntArrayRef(shape);
}

/// Shapes that fit each other, and values that can be computed with.
bool is_whole(const SeedReference& reference, const torch::Tensor& contents) {
  if (reference.rows.dim() != 2) return false;
  const std::int64_t n = reference.rows.size(0), d = reference.rows.size(1);
  return d > 0 && fits(reference.mean, {d}, torch::kFloat32) &&
         fits(reference.scale, {d}, torch::kFloat32) &&
         fits(reference.rows, {n, d}, torch::kFloat16) &&
         fits(reference.classes, {n}, torch::kInt64) &&
         fits(contents, {n, static_cast<std::int64_t>(kContentDigits)}, torch::kUInt8) &&
         torch::isfinite(reference.rows).all().item<bool>() &&
         torch::isfinite(reference.mean + reference.scale).all().item<bool>() &&
         (reference.classes >= 0).all().item<bool>();
}

}  // namespace

SeedReference seed_reference(const ReferenceImages& images, std::uint64_t seed) {
  const auto kept = chosen(images.sha256, seed);
  const auto features = images.features.index_select(0, torch::tensor(kept, torch::kInt64));
  SeedReference reference;
  reference.mean = features.to(torch::kFloat64).mean(0).to(torch::kFloat32);
  reference.scale = scale_of(features, images.blocks);
  reference.rows = ((features - reference.mean) * reference.scale).to(torch::kFloat16);
  std::vector<std::int64_t> classes;
  for (const std::int64_t i : kept) {
    classes.push_back(images.classes[static_cast<size_t>(i)]);
    reference.contents.push_back(images.sha256[static_cast<size_t>(i)].substr(0, kContentDigits));
  }
  reference.classes = torch::tensor(classes, torch::kInt64);
  reference.precision = images.precision;
  return reference;
}

std::string reference_bytes(const SeedReference& reference) {
  c10::Dict<std::string, torch::Tensor> tensors;
  tensors.insert("mean", reference.mean);
  tensors.insert("scale", reference.scale);
  tensors.insert("rows", reference.rows);
  tensors.insert("classes", reference.classes);
  tensors.insert("precision", torch::tensor(static_cast<std::int64_t>(reference.precision)));
  tensors.insert("contents", text_tensor(reference.contents));
  const auto bytes = torch::jit::pickle_save(tensors);
  return {bytes.begin(), bytes.end()};
}

SeedReference reference_from(const std::string& bytes, const std::filesystem::path& path) {
  SeedReference reference;
  torch::Tensor contents;
  std::int64_t precision = 0;
  try {
    const auto value = torch::jit::pickle_load({bytes.begin(), bytes.end()});
    const auto tensors = value.toGenericDict();
    const auto tensor = [&](const char* name) { return tensors.at(name).toTensor().contiguous(); };
    reference = {tensor("mean"),  tensor("scale"), tensor("rows"), tensor("classes"), {},
                 Precision::kFp32};
    contents = tensor("contents");
    precision = tensor("precision").item<std::int64_t>();
  } catch (const std::exception&) {
    throw UserError(kBadModel, path, " holds no reference images; train again");
  }
  reference.precision = static_cast<Precision>(precision);
  if (precision < 0 || precision > static_cast<std::int64_t>(Precision::kInt8) ||
      !is_whole(reference, contents)) {
    throw UserError(kBadModel, path, " holds reference images of shapes that do not fit; train ",
                    "again");
  }
  const auto* digits = reinterpret_cast<const char*>(contents.const_data_ptr<std::uint8_t>());
  for (std::int64_t i = 0; i < reference.images(); ++i) {
    reference.contents.emplace_back(digits + static_cast<size_t>(i) * kContentDigits,
                                    kContentDigits);
  }
  return reference;
}

}  // namespace preannotate
