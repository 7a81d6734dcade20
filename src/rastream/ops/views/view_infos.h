// SPDX-License-Identifier: Apache-2.0
// One function a view; views.cpp lists them for the registry.
#pragma once

#include "rastream/graph/array.h"

namespace rastream {

OperatorInfo isel_info();
OperatorInfo take_info();
OperatorInfo pad_info();
OperatorInfo shift_info();
OperatorInfo roll_info();
OperatorInfo concat_info();
OperatorInfo expand_dims_info();
OperatorInfo transpose_info();
OperatorInfo broadcast_to_info();
OperatorInfo rename_dims_info();
OperatorInfo rechunk_info();

}  // namespace rastream
