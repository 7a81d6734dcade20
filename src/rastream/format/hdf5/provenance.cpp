// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/provenance.h"

#include "rastream/base/error.h"
#include "rastream/format/hdf5/block_checksums.h"
#include "rastream/format/hdf5/types.h"

namespace rastream {
namespace {

constexpr const char* kAttribute = "_NCProperties";
constexpr std::string_view kProgram = ",rastream=";

}  // namespace

std::string own_provenance() {
  const LibraryLock lock;
  unsigned version[3] = {};
  H5get_libversion(&version[0], &version[1], &version[2]);
  return fmt::format("version=2{}0.1.0,hdf5={}.{}.{}", kProgram, version[0], version[1],
                     version[2]);
}

bool is_own_file(const std::string& path, std::uint64_t file_bytes) {
  const LibraryLock lock;
  const Handle file = open_library_file(path);
  const Handle root(H5Gopen2(file, "/", H5P_DEFAULT), "the root group");
  if (H5Aexists(root, kAttribute) <= 0) return false;
  const auto text = read_text_attribute(root, kAttribute, file_bytes);
  return text && text->find(kProgram) != std::string::npos;
}

void check_end_of_own_file(const FileBytes& file, const Superblock& superblock) {
  if (file.is_checked() || file.size() <= superblock.end_of_file) return;
  if (!is_own_file(file.path(), file.size())) return;
  throw Error(Errc::data_loss,
              "'{}': the {} bytes at its end are not the checksums that were written there: they "
              "are damaged or cut off",
              file.path(), file.size() - superblock.end_of_file);
}

bool has_lost_checksums(const std::string& path) {
  const FileBytes file(path);
  return !BlockChecksums::read(file) && is_own_file(path, file.size());
}

}  // namespace rastream
