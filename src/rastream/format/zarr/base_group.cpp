// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/base_group.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "rastream/base/error.h"
#include "rastream/format/zarr/hierarchy.h"
#include "rastream/format/zarr/staging.h"

namespace rastream::zarr {
namespace {

namespace fs = std::filesystem;

bool is_transient(const fs::path& path) {
  const std::string name = path.filename().native();
  return name.ends_with(kTemporarySuffix) || name == kStoreLockName;
}

/// One line a file, sorted. Hard links do not change any of it.
void describe_files(const fs::path& folder, const std::string& prefix,
                    std::vector<std::string>& lines) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string key = prefix + entry.path().filename().native();
    if (is_transient(entry.path())) continue;
    if (entry.is_directory() && !entry.is_symlink()) {
      if (key.ends_with(kPartialSuffix)) {
        throw Error(Errc::unavailable,
                    "'{}' is data of a run that has not finished: let it finish, or remove it",
                    entry.path().native());
      }
      describe_files(entry.path(), key + "/", lines);
      continue;
    }
    struct stat info {};
    if (::lstat(entry.path().c_str(), &info) != 0)
      throw error_from_errno(errno, "stat", entry.path().native());
    lines.push_back(fmt::format("{} {} {} {}.{:09}\n", key, info.st_ino, info.st_size,
                                info.st_mtim.tv_sec, info.st_mtim.tv_nsec));
  }
}

std::string fingerprint_of(const fs::path& folder) {
  std::vector<std::string> lines;
  describe_files(folder, "", lines);
  std::sort(lines.begin(), lines.end());
  return fmt::format("{:016x}", checksum(fmt::format("{}", fmt::join(lines, ""))));
}

void link_file(const fs::path& from, const fs::path& to) {
  if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return;
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
    throw error_from_errno(errno, "link", to.native());
  const auto bytes = read_file(from);
  if (!bytes) throw Error(Errc::unavailable, "'{}' is gone", from.native());
  write_file_atomically(to, *bytes, Durability::file);
}

void link_folder(const fs::path& from, const fs::path& to, const std::string& prefix,
                 const std::set<std::string>& replaced) {
  for (const auto& entry : fs::directory_iterator(from)) {
    const fs::path name = entry.path().filename();
    const std::string key = prefix + name.native();
    if (is_transient(entry.path()) || replaced.contains(key)) continue;
    if (entry.is_symlink()) {
      if (!fs::is_symlink(fs::symlink_status(to / name))) fs::copy_symlink(entry, to / name);
    } else if (entry.is_directory()) {
      fs::create_directory(to / name, entry.path());
      link_folder(entry.path(), to / name, key + "/", replaced);
    } else if (!fs::exists(to / name)) {
      link_file(entry.path(), to / name);
    }
  }
}

std::optional<Manifest> read_manifest(const FileStore& store, const std::string& prefix) {
  const std::string key = prefix + std::string(kManifestKey);
  const auto bytes = store.get(key);
  if (!bytes) return std::nullopt;
  return parse_manifest({reinterpret_cast<const char*>(bytes->data()), bytes->size()},
                        store.url() + "/" + key);
}

/// Throws unsupported for what is only read, before any work.
void check_writable(const ArrayMetadata& m) {
  if (!m.unsupported.empty()) throw Error(Errc::unsupported, "{}", m.unsupported);
  if (m.cell.kind == CellKind::half) throw Error(Errc::unsupported, "float16 is only read");
  if (m.cell.is_converted_time())
    throw Error(Errc::unsupported, "times in units of '{}{}' are only read", m.cell.time_step,
                m.cell.time_unit);
  if (is_text(m.cell.kind) && m.sharding)
    throw Error(Errc::unsupported, "text in shards is only read");
  const Bytes one(static_cast<std::size_t>(std::max<std::int64_t>(1, m.cell.size_bytes)));
  encode_chain(m.codecs, one);
}

}  // namespace

bool has_consolidated(const fs::path& folder, int zarr_format) {
  if (zarr_format == 2) return fs::exists(folder / ".zmetadata");
  const auto document = read_document(FileStore(folder), "zarr.json");
  return document && document->contains("consolidated_metadata");
}

BaseGroup::BaseGroup(fs::path folder) : folder_(std::move(folder)), store_(folder_) {
  const auto node = read_node(store_, "");
  if (!node || node->is_array)
    throw Error(Errc::not_found, "{}: no Zarr group that could be changed", store_.url());
  zarr_format_ = node->zarr_format;
  fingerprint_ = fingerprint_of(folder_);
  manifest_ = read_manifest(store_, "");
  if (manifest_) guard_ = std::make_unique<Guard>(store_, "");
}

void BaseGroup::check_unchanged() const {
  if (fingerprint_of(folder_) == fingerprint_) return;
  throw Error(Errc::unavailable,
              "'{}' was changed by another program in the meantime: nothing was written to it",
              folder_.native());
}

const BaseArray& BaseGroup::find(const std::string& name) {
  if (const auto known = arrays_.find(name); known != arrays_.end()) return known->second;
  const auto node = read_node(store_, name);
  if (!node || !node->is_array)
    throw Error(Errc::not_found, "{}: no array '{}' that could be changed", store_.url(), name);
  for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    if (store_.size(name.substr(0, slash + 1) + std::string(kManifestKey))) {
      throw Error(Errc::unsupported, "array '{}' belongs to group '{}': change that group", name,
                  name.substr(0, slash));
    }
  }
  ArrayMetadata m = node->zarr_format == 3
                        ? parse_metadata_v3(node->metadata, node->what)
                        : parse_metadata_v2(node->metadata, node->attributes, node->what);
  try {
    check_writable(m);
  } catch (Error& e) {
    throw std::move(e.add_context(fmt::format("array '{}' cannot be changed", name)));
  }
  BaseArray array;
  array.document = node->metadata;
  if (node->zarr_format == 2) array.attributes = node->attributes;
  array.stored = std::make_unique<StoredArray>(store_, name, m, guard_.get(), counters_);
  array.record = array.stored->find_record();
  return arrays_.emplace(name, std::move(array)).first->second;
}

void BaseGroup::link_rest(const fs::path& data, const std::set<std::string>& replaced) const {
  link_folder(folder_, data, "", replaced);
}

}  // namespace rastream::zarr
