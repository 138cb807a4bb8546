#include "support/tiny_backbone.h"

#include <torch/script.h>

namespace preannotate::testing_support {

namespace {

constexpr const char* kInfo = R"({"format_version": 1, "name": "tiny", "source": "made by a test",
  "licence": "none", "input_size": [32, 32], "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5],
  "side_multiple": 32, "outputs": ["embedding", "stride8", "stride16", "stride32"],
  "channels": [20, 8, 12, 16], "stages": ["stem", "body", "head"]})";

/// A convolution with BatchNorm and ReLU, as a TorchScript module.
torch::jit::Module stage(const std::string& name, int64_t in, int64_t out, int64_t stride,
                         at::Generator& generator) {
  torch::jit::Module module(name);
  const double width = std::sqrt(2.0 / static_cast<double>(in * stride * stride));
  const auto weight = torch::randn({out, in, stride, stride}, generator) * width;
  // As a trainable network is exported: its parameters ask for gradients.
  module.register_parameter("weight", weight.detach().requires_grad_(), false);
  module.register_parameter("gain", torch::ones({out}).requires_grad_(), false);
  module.register_parameter("shift", torch::zeros({out}).requires_grad_(), false);
  module.register_buffer("running_mean", torch::zeros({out}));
  module.register_buffer("running_var", torch::ones({out}));
  const std::string s = std::to_string(stride);
  module.define(
      "def forward(self, x):\n"
      "  y = torch.conv2d(x, self.weight, None, [" +
      s + ", " + s +
      "])\n"
      "  y = torch.batch_norm(y, self.gain, self.shift, self.running_mean, self.running_var,\n"
      "                       False, 0.1, 1e-3, True)\n"
      "  return torch.relu(y)\n");
  return module;
}

}  // namespace

void write_tiny_backbone(const std::filesystem::path& path, const TinyBackbone& options) {
  auto generator = at::detail::createCPUGenerator(7);
  torch::jit::Module tiny("Tiny");
  tiny.register_module("stem", stage("Stem", 3, 8, 8, generator));
  tiny.register_module("body", stage("Body", 8, 12, 2, generator));
  tiny.register_module("head", stage("Head", 12, 16, 2, generator));
  std::string forward = options.forward;
  if (forward.empty()) {
    forward =
        "def forward(self, x):\n"
        "  a = self.stem.forward(x)\n"
        "  b = self.body.forward(a)\n"
        "  c = self.head.forward(b)\n"
        "  e = torch.cat([a.mean([2, 3]), b.mean([2, 3])], 1)\n";
    forward += options.tuple ? "  return (e, a, b, c)\n" : "  return e\n";
  }
  tiny.define(forward);
  tiny.eval();
  torch::jit::ExtraFilesMap extra;
  if (options.with_info) extra["backbone.json"] = kInfo;
  tiny.save(path.string(), extra);
}

}  // namespace preannotate::testing_support
