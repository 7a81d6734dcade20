// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/zip_writer.h"

#include <fcntl.h>
#include <stdio.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/format/zarr/folder_lock.h"
#include "rastream/format/zarr/manifest.h"
#include "rastream/format/zarr/staging.h"
#include "rastream/format/zarr/writer.h"
#include "rastream/store/file.h"
#include "rastream/store/zip_archive.h"

namespace rastream {
namespace {

using namespace zarr;
namespace fs = std::filesystem;

/// The id of the run that finished the store in `folder`.
std::optional<std::string> finished_run(const fs::path& folder) {
  const auto bytes = read_file(folder / kManifestKey);
  if (!bytes) return std::nullopt;
  return parse_manifest({reinterpret_cast<const char*>(bytes->data()), bytes->size()},
                        folder.native())
      .run_id;
}

bool have_equal_bytes(const fs::path& a, const fs::path& b) {
  std::error_code error;
  if (fs::file_size(a, error) != fs::file_size(b, error) || error) return false;
  const FileStore files("/");
  const auto size = static_cast<std::int64_t>(fs::file_size(a));
  constexpr std::int64_t kPiece = 1 << 20;
  for (std::int64_t at = 0; at < size; at += kPiece) {
    const ByteRange range{at, std::min(size, at + kPiece)};
    if (files.get(a.native().substr(1), range) != files.get(b.native().substr(1), range))
      return false;
  }
  return true;
}

/// Invariant: store_ is whole when there is no inner writer.
class ZarrZipWriter : public DatasetWriter {
 public:
  ZarrZipWriter(fs::path archive, CreateOptions options)
      : archive_(std::move(archive)),
        options_(std::move(options)),
        folder_(partial_folder(archive_)),
        store_(folder_ / "store.zarr") {
    const bool is_mine =
        !options_.run_id.empty() && finished_run(store_ / options_.group) == options_.run_id;
    if (fs::exists(archive_) && !options_.overwrite && !is_mine) throw exists();
    if (is_mine) return;
    fs::create_directories(folder_);
    CreateOptions inside = options_;
    inside.overwrite = true;
    inner_ = create_zarr(store_.native(), inside);
  }

  std::size_t add(const VariableSpec& spec) override { return inner_ ? inner_->add(spec) : 0; }
  void set_attributes(const Attributes& attributes) override {
    if (inner_) inner_->set_attributes(attributes);
  }
  void set_group_attributes(const std::string& group, const Attributes& attributes) override {
    if (inner_) inner_->set_group_attributes(group, attributes);
  }
  void write_strings(std::size_t variable, const std::vector<std::string>& cells) override {
    if (inner_) inner_->write_strings(variable, cells);
  }
  void write(std::size_t variable, const Block& block) override {
    if (inner_) inner_->write(variable, block);
  }
  bool is_committed(std::size_t variable, std::int64_t chunk) const override {
    return !inner_ || inner_->is_committed(variable, chunk);
  }
  bool is_finished() const override { return !inner_; }

  void finish() override {
    if (!fs::exists(folder_)) return;
    if (inner_) inner_->finish();
    inner_.reset();
    const FolderLock lock(folder_, "lock", FolderLock::Mode::exclusive);
    const fs::path packed = folder_ / "archive.zip";
    pack(packed);
    put_in_place(packed);
    sync_folder(archive_.parent_path());
    remove_tree(folder_);
  }

 private:
  Error exists() const {
    return Error(Errc::invalid_argument,
                 "'{}' exists: choose another name, or replace it with --overwrite",
                 archive_.native());
  }

  void pack(const fs::path& to) const {
    const FileStore files(store_);
    ZipArchive archive(to);
    for (const std::string& key : files.list("")) archive.add_file(key, store_ / key);
    archive.finish();
  }

  /// A run that died after this step finds its own archive there.
  void put_in_place(const fs::path& packed) const {
    const unsigned flags = options_.overwrite ? 0 : RENAME_NOREPLACE;
    if (::renameat2(AT_FDCWD, packed.c_str(), AT_FDCWD, archive_.c_str(), flags) == 0) return;
    if (errno == EEXIST) {
      if (have_equal_bytes(packed, archive_)) return;
      throw exists();
    }
    if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
      throw error_from_errno(errno, "rename to", archive_.native());
    fs::rename(packed, archive_);
  }

  fs::path archive_;
  CreateOptions options_;
  fs::path folder_;
  fs::path store_;
  std::unique_ptr<DatasetWriter> inner_;
};

}  // namespace

std::unique_ptr<DatasetWriter> create_zarr_zip(const std::string& path,
                                               const CreateOptions& options) {
  try {
    return std::make_unique<ZarrZipWriter>(fs::absolute(path).lexically_normal(), options);
  } catch (const fs::filesystem_error& e) {
    throw error_from_errno(e.code().value(), "create", path);
  }
}

}  // namespace rastream
