#include "dump_features.h"

#include <numeric>

#include "preannotate/core/files.h"

namespace preannotate {

namespace {

void write_npy(const std::filesystem::path& path, const torch::Tensor& tensor) {
  const auto values = tensor.cpu().contiguous();
  std::string shape;
  for (const int64_t size : values.sizes()) shape += std::to_string(size) + ", ";
  std::string header = std::string("{'descr': '") +
                       (values.scalar_type() == torch::kInt64 ? "<i8" : "<f4") +
                       "', 'fortran_order': False, 'shape': (" + shape + "), }";
  // Magic, version and length take 10 bytes; the whole is padded to 64 and ends with a newline.
  header.append((64 - (10 + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  bytes.append(static_cast<const char*>(values.const_data_ptr()), values.nbytes());
  write_file(path, bytes);
}

}  // namespace

void dump_features(const std::filesystem::path& folder, const LabelledFeatures& features,
                   const Seed& seed, const Division& division, const FittedHead& head) {
  std::filesystem::create_directories(folder);
  const auto data = head_data(features, division.train, seed, head.fit.head.weight.size(1));
  const auto views = features.features.size(1);
  write_npy(folder / "features.npy", data.features.slice(0, 0, std::nullopt, views));
  write_npy(folder / "targets.npy", data.targets.slice(0, 0, std::nullopt, views));
  write_npy(folder / "folds.npy",
            torch::tensor(std::vector<int64_t>(division.folds.begin(), division.folds.end()),
                          torch::kInt64));
  if (head.fit.out_of_fold.defined()) {
    write_npy(folder / "out_of_fold.npy", head.fit.out_of_fold.to(torch::kFloat32));
  }
}

}  // namespace preannotate
