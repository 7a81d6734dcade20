// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/elementwise/constant.h"

#include <cstring>

namespace rastream {

Constant::Constant(const std::vector<Array>& inputs, const Params& params)
    : schema_(make_schema({}, Extents(), parse_dtype(params.dtype))) {
  if (!inputs.empty())
    throw Error(Errc::invalid_argument, "constant: has no inputs, got {}", inputs.size());
  if (!params.value.fits(schema_.dtype)) {
    throw Error(Errc::invalid_argument, "constant: {} does not fit {}", params.value.text(),
                params.dtype);
  }
  visit_dtype(schema_.dtype, [&]<typename T>(T) {
    const T value = params.value.as<T>();
    std::memcpy(cell_.data(), &value, sizeof(T));
  });
}

void Constant::compute(std::span<const Block>, Block& out) const {
  std::memcpy(out.data, cell_.data(), item_size(out.dtype));
}

Array constant(Scalar value, DType dtype) {
  return apply<Constant>("constant", {}, {value, std::string(to_string(dtype))});
}

}  // namespace rastream
