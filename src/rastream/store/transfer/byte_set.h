// SPDX-License-Identifier: Apache-2.0
// Which bytes of a file are there.
#pragma once

#include <map>
#include <vector>

#include "rastream/store/store.h"

namespace rastream {

/// Half-open ranges that neither touch nor overlap. A pure value.
class ByteSet {
 public:
  void add(ByteRange range);
  /// What of [0, size) is not there, in order.
  std::vector<ByteRange> missing(std::int64_t size) const;
  std::vector<ByteRange> ranges() const;
  std::int64_t count() const;
  bool empty() const { return ends_.empty(); }
  void clear() { ends_.clear(); }

 private:
  std::map<std::int64_t, std::int64_t> ends_;  ///< begin -> end
};

}  // namespace rastream
