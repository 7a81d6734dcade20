// SPDX-License-Identifier: Apache-2.0
// Bodies into memory, without a copy.
#pragma once

#include "rastream/store/http/http_message.h"

namespace rastream {

/// Keeps the body as bytes. What the server announces is not taken on trust: at most 16 MiB are
/// reserved ahead.
class BytesSink : public BodySink {
 public:
  void begin(const HttpResponse& head) override;
  void write(std::span<const std::byte> piece) override;
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// Gives bytes that live elsewhere.
class BytesSource : public BodySource {
 public:
  explicit BytesSource(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(bytes_.size()); }
  void rewind() override { at_ = 0; }
  std::size_t read(std::span<std::byte> into) override;

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

}  // namespace rastream
