#include "pooled_features.h"

#include <vector>

#include "preannotate/core/error.h"

namespace preannotate {

torch::Tensor pooled_features(const torch::jit::IValue& outputs, const std::string& name) {
  const auto pooled = [](const torch::Tensor& t) {
    return t.dim() == 4 ? t.to(torch::kFloat32).mean({2, 3}) : t.to(torch::kFloat32);
  };
  if (outputs.isTensor() && (outputs.toTensor().dim() == 2 || outputs.toTensor().dim() == 4)) {
    return pooled(outputs.toTensor());
  }
  std::vector<torch::Tensor> parts;
  if (outputs.isTuple()) {
    for (const auto& element : outputs.toTupleRef().elements()) {
      if (!element.isTensor()) break;
      const auto tensor = element.toTensor();
      // The embedding, the stride-16 and the stride-32 map; stride 8 is for detection.
      if (tensor.dim() != (parts.empty() ? tensor.dim() : 4)) break;
      parts.push_back(tensor);
    }
    if (parts.size() != outputs.toTupleRef().elements().size()) parts.clear();
  }
  if (parts.empty() || (parts[0].dim() != 2 && parts[0].dim() != 4)) {
    throw UserError(kBadModel, "backbone ", name,
                    " returns neither one tensor ([N, D] or [N, C, h, w]) nor a tuple (embedding "
                    "[N, D], stride 8, stride 16, stride 32)");
  }
  std::vector<torch::Tensor> columns{pooled(parts[0])};
  for (size_t i = parts.size() >= 4 ? 2 : parts.size(); i < parts.size(); ++i) {
    columns.push_back(pooled(parts[i]));
  }
  return torch::cat(columns, 1);
}

}  // namespace preannotate
