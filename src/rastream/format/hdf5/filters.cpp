// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/filters.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/chunk_filter.h"

namespace rastream {
namespace {

constexpr std::size_t kKeptBytes = std::size_t{64} << 20;

template <const char* kName>
std::string name_and_level(const Filter& filter) {
  return filter.parameters.empty() ? kName : fmt::format("{} {}", kName, filter.parameters[0]);
}

template <const char* kName>
std::string name_only(const Filter&) {
  return kName;
}

constexpr char kDeflate[] = "deflate";
constexpr char kShuffle[] = "shuffle";
constexpr char kFletcher32[] = "fletcher32";
constexpr char kSzip[] = "szip";
constexpr char kNbit[] = "nbit";
constexpr char kScaleOffset[] = "scaleoffset";
constexpr char kBzip2[] = "bzip2";
constexpr char kLzf[] = "lzf";
constexpr char kLz4[] = "lz4";
constexpr char kZstd[] = "zstd";

ChunkFilterPtr only_by_libhdf5(const Filter&) { return nullptr; }

/// Numbers below 256: HDF5 File Format Specification, IV.A.2.l; the others: The HDF Group's list of
/// registered filter plugins.
constexpr std::array<FilterKind, 12> kFilters = {{
    {1, name_and_level<kDeflate>, make_deflate},
    {2, name_only<kShuffle>, make_shuffle},
    {3, name_only<kFletcher32>, make_fletcher32},
    {4, name_only<kSzip>, make_szip},
    {5, name_only<kNbit>, only_by_libhdf5},
    {6, name_only<kScaleOffset>, only_by_libhdf5},
    {307, name_and_level<kBzip2>, make_bzip2},
    {32000, name_only<kLzf>, make_lzf},
    {32001, describe_blosc, make_blosc},
    {32004, name_only<kLz4>, make_lz4},
    {32008, describe_bitshuffle, make_bitshuffle},
    {32015, name_and_level<kZstd>, make_zstd},
}};

const FilterKind* find_kind(int id) {
  const auto* it =
      std::find_if(kFilters.begin(), kFilters.end(), [&](const auto& k) { return k.id == id; });
  return it == kFilters.end() ? nullptr : it;
}

}  // namespace

Error too_many_bytes(const char* filter, std::uint64_t n_bytes, std::size_t limit) {
  return Error(Errc::data_loss, "{} gives {} bytes: expected at most {} for the chunk", filter,
               n_bytes, limit);
}

std::string describe_filter(const Filter& filter) {
  if (const FilterKind* kind = find_kind(filter.id)) return kind->describe(filter);
  return fmt::format("{} (HDF5 filter {})", filter.name.empty() ? "unnamed" : filter.name,
                     filter.id);
}

ChunkScratch& ChunkScratch::of_this_thread() {
  thread_local ChunkScratch scratch;
  return scratch;
}

void ChunkScratch::shrink() {
  for (Buffer* buffer : {&stored, &cells, &between, &other, &block}) {
    if (buffer->size() > kKeptBytes) *buffer = Buffer();
  }
}

FilterPipeline::FilterPipeline(std::vector<Filter> filters) : filters_(std::move(filters)) {
  for (const Filter& filter : filters_) {
    const FilterKind* kind = find_kind(filter.id);
    undoers_.push_back(kind == nullptr ? nullptr : kind->make(filter));
    is_ours_ &= undoers_.back() != nullptr;
  }
}

bool FilterPipeline::has_active_before(std::size_t i, std::uint32_t mask) const {
  for (std::size_t k = 0; k < i; ++k) {
    if (is_active(k, mask)) return true;
  }
  return false;
}

bool FilterPipeline::is_identity(std::uint32_t mask) const {
  return !has_active_before(filters_.size(), mask);
}

/// Bytes that can have gone into filter `i`. Behind a compressor nobody knows how many, but one
/// that does not pay is skipped, so that they are not many more than the chunk's.
std::size_t FilterPipeline::capacity_before(std::size_t i, std::uint32_t mask,
                                            std::size_t chunk_bytes) const {
  constexpr std::size_t kSlack = std::size_t{1} << 16;
  std::size_t n_bytes = chunk_bytes;
  for (std::size_t k = 0; k < i; ++k) {
    if (is_active(k, mask))
      n_bytes = undoers_[k]->packed_size(n_bytes).value_or(n_bytes + n_bytes / 8 + kSlack);
  }
  return n_bytes;
}

void FilterPipeline::check_stored_size(std::uint64_t stored_bytes, std::uint32_t mask,
                                       std::size_t chunk_bytes) const {
  std::optional<std::size_t> exact = chunk_bytes;
  double most = static_cast<double>(stored_bytes);
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    if (!is_active(i, mask)) continue;
    if (exact) exact = undoers_[i]->packed_size(*exact);
    most *= static_cast<double>(undoers_[i]->max_ratio());
  }
  if (exact ? *exact != stored_bytes : most < static_cast<double>(chunk_bytes)) {
    throw Error(Errc::data_loss, "{} stored bytes for a chunk of {}{}", stored_bytes, chunk_bytes,
                exact ? "" : ": its filters cannot grow so much");
  }
  if (stored_bytes > capacity_before(filters_.size(), mask, chunk_bytes)) {
    throw Error(Errc::data_loss, "{} stored bytes for a chunk of {}", stored_bytes, chunk_bytes);
  }
}

void FilterPipeline::decode(std::span<const std::byte> stored, std::uint32_t mask,
                            std::span<std::byte> out, ChunkScratch& scratch) const {
  std::span<const std::byte> in = stored;
  for (std::size_t i = filters_.size(); i-- > 0;) {
    if (!is_active(i, mask)) continue;
    std::span<std::byte> target = out;
    const std::size_t capacity = capacity_before(i, mask, out.size());
    if (has_active_before(i, mask)) {
      const bool is_between = in.data() >= scratch.between.data() &&
                              in.data() < scratch.between.data() + scratch.between.size();
      Buffer& buffer = is_between ? scratch.other : scratch.between;
      buffer.reserve(capacity);
      target = buffer.span().first(capacity);
    }
    in = undoers_[i]->undo(in, target, scratch);
  }
  if (in.size() != out.size()) {
    throw Error(Errc::data_loss, "the chunk decodes to {} bytes: expected {}", in.size(),
                out.size());
  }
  if (in.data() != out.data() && !in.empty()) std::memcpy(out.data(), in.data(), in.size());
}

}  // namespace rastream
