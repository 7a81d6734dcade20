// SPDX-License-Identifier: Apache-2.0
// Bodies of requests and answers that lie in memory.
#pragma once

#include <algorithm>
#include <cstring>

#include "rastream/store/http/http_message.h"

namespace rastream {

/// Collects a body.
class BytesSink final : public BodySink {
 public:
  void begin(const HttpResponse&) override { bytes.clear(); }
  void write(std::span<const std::byte> piece) override {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  }
  Bytes bytes;
};

/// Sends `value`, which must outlive it.
class SpanSource final : public BodySource {
 public:
  explicit SpanSource(std::span<const std::byte> value) : value_(value) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(value_.size()); }
  void rewind() override { at_ = 0; }
  std::size_t read(std::span<std::byte> into) override {
    const std::size_t n = std::min(into.size(), value_.size() - at_);
    if (n > 0) std::memcpy(into.data(), value_.data() + at_, n);
    at_ += n;
    return n;
  }

 private:
  std::span<const std::byte> value_;
  std::size_t at_ = 0;
};

}  // namespace rastream
