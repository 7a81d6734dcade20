// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rastream/graph/array.h"

namespace rastream {

Array push_slice(const Array& array);

}  // namespace rastream
