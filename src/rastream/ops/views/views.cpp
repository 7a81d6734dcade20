// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/views/views.h"

#include "rastream/ops/views/view_infos.h"

namespace rastream {

std::vector<OperatorInfo> view_operators() {
  return {isel_info(),         take_info(),        pad_info(),         shift_info(),
          roll_info(),         concat_info(),      expand_dims_info(), transpose_info(),
          broadcast_to_info(), rename_dims_info(), rechunk_info()};
}

}  // namespace rastream
