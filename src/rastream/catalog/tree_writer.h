// SPDX-License-Identifier: Apache-2.0
// Writes many small files below a folder so that nothing is ever seen half.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "rastream/catalog/save_options.h"
#include "rastream/store/store.h"

namespace rastream {

struct TreeFile {
  std::string folder;  ///< relative to the root, '/' between parts; empty: the root
  std::string name;
};

/// Writes text(k) as files[k], k in any order and from many threads. Folders that are new are made
/// under temporary names and filled; into folders that are there files are written under temporary
/// names. Then, once, all bytes are brought to the disk (`syncs`), and all names are given, those
/// further from the root first: so whoever comes from the root's own files finds what they name.
/// When it fails before that, nothing has changed and nothing is left over. A file that holds the
/// same bytes is left alone.
///
/// No fsync a file: one flush of the file system is a hundred times cheaper for many files, and the
/// order is the same, bytes before names. Names may reach the disk a moment later: after a power
/// cut a file is the old one or the whole new one.
///
/// Parts of folders and names are never "..", and a symbolic link below the root is an error.
/// Throws unavailable (disk full), permission_denied, invalid_argument (two files of one name).
SaveReport write_tree(const std::filesystem::path& root, const std::vector<TreeFile>& files,
                      const std::function<std::string(std::size_t)>& text, bool syncs,
                      int n_threads);

/// Writes text(k) as files[k] into a store, those further from the root first, in order of their
/// depth: so whoever comes from the root's own files finds what they name. A store renames no
/// folders: when it fails, documents that were written stay, each whole. One that holds the same
/// bytes is left alone. Throws as Store::get and put do; invalid_argument for two files of one
/// name.
SaveReport write_tree(Store& store, const std::vector<TreeFile>& files,
                      const std::function<std::string(std::size_t)>& text, int n_threads);

}  // namespace rastream
