// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/file_bytes.h"

#include <algorithm>
#include <array>

#include "rastream/base/error.h"

namespace rastream {
FileBytes::FileBytes(const std::string& path) : path_(path), source_(open_bytes(path)) {}

void FileBytes::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  if (!holds(offset, out.size())) {
    throw Error(Errc::data_loss, "bytes {} to {} are outside the file of {} bytes", offset,
                offset + out.size(), size());
  }
  if (!checksums_) return read_unchecked(offset, out);
  while (!out.empty() && offset < checksums_->end()) {
    const std::size_t n = read_edge(offset, out);
    offset += n;
    out = out.subspan(n);
  }
  if (!out.empty()) read_unchecked(offset, out);
}

/// Whole blocks in one read when `offset` is where one begins, else the part of one block that is
/// wanted. Returns the number of bytes.
std::size_t FileBytes::read_edge(std::uint64_t offset, std::span<std::byte> out) const {
  constexpr auto kBlock = BlockChecksums::kBlockBytes;
  const auto [begin, end] = checksums_->block_at(offset);
  if (offset == begin && out.size() >= end - begin) {
    const bool is_last = out.size() >= checksums_->end() - begin;
    const auto whole =
        out.first(is_last ? checksums_->end() - begin : out.size() / kBlock * kBlock);
    read_unchecked(begin, whole);
    for (std::size_t i = 0; i < whole.size(); i += kBlock)
      checksums_->check(begin + i, whole.subspan(i, std::min(kBlock, whole.size() - i)));
    return whole.size();
  }
  std::array<std::byte, kBlock> buffer;
  const auto block = std::span(buffer).first(end - begin);
  read_unchecked(begin, block);
  checksums_->check(begin, block);
  const auto part = block.subspan(offset - begin, std::min(out.size(), end - offset));
  std::copy(part.begin(), part.end(), out.begin());
  return part.size();
}

void FileBytes::read_unchecked(std::uint64_t offset, std::span<std::byte> out) const {
  source_->read(offset, out);
  n_bytes_read_.fetch_add(static_cast<std::int64_t>(out.size()), std::memory_order_relaxed);
}

Bytes FileBytes::read_at(std::uint64_t offset, std::uint64_t length) const {
  if (!holds(offset, length)) {
    throw Error(Errc::data_loss, "{} bytes at {} are outside the file of {} bytes", length, offset,
                size());
  }
  Bytes bytes(length);
  read_at(offset, std::span(bytes));
  return bytes;
}

std::string first_bytes(const std::string& path_or_url, std::size_t n) {
  try {
    const auto source = open_bytes(path_or_url);
    std::string bytes(std::min<std::uint64_t>(n, source->stamp().size), '\0');
    source->read(0, std::as_writable_bytes(std::span(bytes)));
    return bytes;
  } catch (const Error&) {
    return {};
  }
}

}  // namespace rastream
