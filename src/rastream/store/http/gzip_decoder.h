// SPDX-License-Identifier: Apache-2.0
// Takes gzip apart piece by piece, so that a bomb is seen at its first pieces.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "rastream/base/bytes.h"

namespace rastream {

/// RFC 1952, one or more members. Not thread safe.
class GzipDecoder {
 public:
  using Take = std::function<void(std::span<const std::byte>)>;
  GzipDecoder();
  ~GzipDecoder();
  /// Calls take() with at most 64 KiB at a time. Throws data_loss when it is no gzip.
  void write(std::span<const std::byte> piece, const Take& take);
  /// Throws data_loss when the last member is not whole.
  void finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rastream
