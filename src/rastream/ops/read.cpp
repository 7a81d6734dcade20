// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/read.h"

#include <filesystem>
#include <limits>
#include <map>
#include <mutex>

#include "rastream/array/move_region.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/public_name.h"

namespace rastream {

std::shared_ptr<DatasetFile> open_shared(const std::string& path, const std::string& group) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::string>, std::weak_ptr<DatasetFile>> files;
  const std::lock_guard lock(mutex);
  auto& known = files[{path, group}];
  if (auto file = known.lock()) return file;
  auto file = open_file(path, group);
  known = file;
  return file;
}

Read::Read(const std::vector<Array>& inputs, Params params) : params_(std::move(params)) {
  if (!inputs.empty()) throw Error(Errc::invalid_argument, "read: takes no inputs");
  params_.path = public_name(params_.path);
  file_ = open_shared(params_.path, params_.group);
  variable_ = file_->find_variable(params_.variable);
  const VariableInfo& info = file_->variables()[variable_];
  window_ = info.schema.whole();
  if (!params_.begin.empty() || !params_.end.empty()) {
    const bool fits =
        params_.begin.size() == window_.rank() && params_.end.size() == window_.rank();
    const Region asked = fits ? Region{Extents(params_.begin), Extents(params_.end)} : Region{};
    bool is_box = fits;
    for (std::size_t i = 0; is_box && i < asked.rank(); ++i)
      is_box = asked.begin[i] <= asked.end[i];
    if (!is_box || !window_.contains(asked)) {
      throw Error(Errc::invalid_argument, "read: the window is not inside {} of '{}' in {}",
                  to_string(window_), params_.variable, params_.path);
    }
    window_ = asked;
  }
  std::vector<Cuts> cuts;
  for (std::size_t i = 0; i < window_.rank(); ++i) {
    cuts.push_back(info.schema.chunks.cuts(i).sliced(window_.begin[i], window_.end[i]));
  }
  schema_ =
      make_schema(info.schema.dims, window_.shape(), info.schema.dtype, ChunkGrid(std::move(cuts)));
  missing_ = info.attributes.number("_FillValue");
  if (!missing_ && is_floating(schema_.dtype)) missing_ = std::numeric_limits<double>::quiet_NaN();
  const std::int64_t chunk = product(info.schema.chunks.max_chunk_shape()) *
                             static_cast<std::int64_t>(item_size(schema_.dtype));
  scratch_bytes_ = 3 * chunk;
  // The bytes asked for, and what is fetched with them.
  if (is_remote(params_.path)) scratch_bytes_ += chunk + kLargestRemoteRead;
}

Region Read::in_file(const Region& region) const { return moved(region, window_.begin); }

void Read::compute(std::span<const Block>, Block& out) const {
  Block shifted = out;
  shifted.region = in_file(out.region);
  file_->read(variable_, shifted);
}

std::optional<std::int64_t> Read::stored_bytes(const Region& region) const {
  return file_->stored_bytes(variable_, in_file(region));
}

std::int64_t Read::shared_bytes() const { return is_remote(params_.path) ? kRemoteCacheBytes : 0; }

std::string Read::description() const {
  return std::filesystem::path(params_.path).filename().string() + ":" + params_.variable;
}

Array Read::windowed(const Region& window) const {
  Params params = params_;
  const Region absolute = in_file(window);
  params.begin.assign(absolute.begin.begin(), absolute.begin.end());
  params.end.assign(absolute.end.begin(), absolute.end.end());
  return apply<Read>("read", {}, std::move(params));
}

OperatorInfo read_operator() { return info<Read>("read", "Stored values of a variable in a file"); }

}  // namespace rastream
