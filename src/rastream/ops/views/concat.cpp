// SPDX-License-Identifier: Apache-2.0
// Arrays one after another along a dimension that they all have.
#include "rastream/ops/inputs.h"
#include "rastream/ops/views/axis_gather.h"
#include "rastream/ops/views/view_infos.h"
#include "rastream/ops/views/views.h"

namespace rastream {
namespace {

class Concat final : public AxisGather {
 public:
  struct Params {
    std::string dim;
  };
  static void describe(auto& d, auto& p) {
    d("dim", p.dim, "dimension along which the inputs follow one another");
  }
  Concat(const std::vector<Array>& inputs, const Params& p)
      : AxisGather(inputs, p.dim, runs(inputs, p), "concat") {}

 private:
  static Runs runs(const std::vector<Array>& inputs, const Params& p) {
    if (inputs.empty())
      throw Error(Errc::invalid_argument, "concat: no inputs, expected one or more");
    expect_inputs(inputs, inputs.size(), "concat");
    Runs out;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Schema& input = inputs[i].schema();
      out.add_run(0, 1, input.shape[input.axis(p.dim, "concat")], i);
    }
    return out;
  }
};

}  // namespace

OperatorInfo concat_info() {
  return info<Concat>("concat", "Arrays one after another along a dimension");
}

Array concat(const std::vector<Array>& arrays, const std::string& dim) {
  return apply<Concat>("concat", arrays, {dim});
}

}  // namespace rastream
