// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/transfer/running_digests.h"

#include <algorithm>

namespace rastream {

RunningDigests::RunningDigests(const std::vector<DigestKind>& kinds) {
  std::vector<DigestKind> each = kinds;
  std::sort(each.begin(), each.end());
  each.erase(std::unique(each.begin(), each.end()), each.end());
  for (const DigestKind kind : each) builders_.emplace_back(kind);
}

void RunningDigests::update(std::int64_t at, std::span<const std::byte> bytes) {
  if (builders_.empty() || at != at_) return;
  for (DigestBuilder& builder : builders_) builder.update(bytes);
  at_ = at + static_cast<std::int64_t>(bytes.size());
}

void RunningDigests::read_rest(const PartialFile& file, std::int64_t size_bytes) {
  constexpr std::int64_t kPiece = 1 << 20;
  Bytes piece;
  while (!builders_.empty() && at_ < size_bytes) {
    piece.resize(static_cast<std::size_t>(std::min(kPiece, size_bytes - at_)));
    file.read(at_, piece);
    update(at_, piece);
  }
  for (DigestBuilder& builder : builders_) digests_.push_back(builder.finish());
}

const Digest& RunningDigests::of(DigestKind kind) const {
  return *std::find_if(digests_.begin(), digests_.end(),
                       [&](const Digest& d) { return d.kind == kind; });
}

}  // namespace rastream
