#include "tuned_backbone.h"

namespace preannotate {

std::unique_ptr<Backbone> tuned_backbone(const Backbone& before, const std::string& bytes) {
  BackboneOptions options;
  options.path = before.info().name;
  options.bytes = bytes;
  options.trust = true;  // it is the trusted one with other weights
  options.mean = before.info().mean;
  options.std = before.info().std;
  options.side = before.side();
  options.device = before.device();
  return std::make_unique<Backbone>(options);
}

}  // namespace preannotate
