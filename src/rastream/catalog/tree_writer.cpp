// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/tree_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "rastream/base/error.h"
#include "rastream/base/parallel_work.h"
#include "rastream/store/file.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

struct Folder {
  std::size_t parent = 0;
  std::string name;
  std::vector<std::size_t> files;
  std::string path;       ///< its final one, relative to the folder above the root
  std::string at;         ///< where it is filled: under a temporary name when it is new
  bool is_new = false;    ///< it, or a folder above it, is made by this call
  bool is_named = false;  ///< it is new and gets its name at the end: the folder above was there
};

/// `path` below `base`, through folders alone. Nothing when it is not there.
Descriptor open_folder(int base, const std::string& path, const std::string& shown) {
  Descriptor at(::dup(base));
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const auto end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    Descriptor next(
        ::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next && errno == ENOENT) return Descriptor();
    if (!next && (errno == ENOTDIR || errno == ELOOP)) {
      throw Error(Errc::invalid_argument,
                  "cannot write below '{}': expected a folder, not a file or a symbolic link",
                  shown);
    }
    if (!next) throw error_from_errno(errno, "cannot open the folder", shown);
    at = std::move(next);
    begin = end + 1;
  }
  return at;
}

/// True when the file `name` in `folder` holds `text`.
bool holds(int folder, const std::string& name, const std::string& text) {
  const Descriptor file(
      ::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  if (static_cast<std::size_t>(status.st_size) != text.size()) return false;
  std::string old(text.size(), '\0');
  std::size_t done = 0;
  while (done < old.size()) {
    const ssize_t got = ::read(file.get(), old.data() + done, old.size() - done);
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return old == text;
}

void write_all(int fd, const std::string& text, const std::string& shown) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw error_from_errno(errno, "cannot write", shown);
    done += static_cast<std::size_t>(n);
  }
}

class TreeWriter {
 public:
  TreeWriter(const fs::path& root, const std::vector<TreeFile>& files,
             const std::function<std::string(std::size_t)>& text)
      : files_(files), text_(text) {
    fs::path whole = fs::weakly_canonical(fs::absolute(root));
    if (!whole.has_filename()) whole = whole.parent_path();
    base_path_ = whole.parent_path();
    if (whole.filename().empty())
      throw Error(Errc::invalid_argument, "'{}' is no folder for a catalog", root.string());
    fs::create_directories(base_path_);
    base_ = Descriptor(::open(base_path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!base_) throw error_from_errno(errno, "cannot open the folder", base_path_.string());
    suffix_ = temporary_name(fs::path("/x")).filename().string();
    folders_.emplace_back().name = whole.filename().string();
    folders_[0].path = folders_[0].name;
    index_[""] = 0;
    levels_.push_back({0});
    for (std::size_t k = 0; k < files.size(); ++k)
      folders_[folder_of(files[k].folder)].files.push_back(k);
  }
  ~TreeWriter() {
    if (!is_done_) clean_up();
  }
  TreeWriter(const TreeWriter&) = delete;
  TreeWriter& operator=(const TreeWriter&) = delete;

  SaveReport write(bool syncs, int n_threads) {
    for (const auto& level : levels_) {
      run_parallel(n_threads, static_cast<std::int64_t>(level.size()), [&](std::int64_t i) {
        write_folder(folders_[level[static_cast<std::size_t>(i)]]);
      });
    }
    if (syncs && n_written_ > 0 && ::syncfs(base_.get()) != 0)
      throw error_from_errno(errno, "cannot bring to the disk", base_path_.string());
    give_names();
    is_done_ = true;
    return {n_written_, n_unchanged_};
  }

 private:
  std::string shown(const std::string& path) const { return (base_path_ / path).string(); }

  std::size_t folder_of(const std::string& path) {
    if (const auto at = index_.find(path); at != index_.end()) return at->second;
    const auto slash = path.rfind('/');
    const std::string above = slash == std::string::npos ? "" : path.substr(0, slash);
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    if (name.empty() || name == "." || name == ".." || name.find('\0') != std::string::npos)
      throw Error(Errc::invalid_argument, "'{}' is no place below a folder", path);
    const std::size_t parent = folder_of(above);
    const std::size_t folder = folders_.size();
    folders_.emplace_back().name = name;
    folders_[folder].parent = parent;
    folders_[folder].path = folders_[parent].path + "/" + name;
    const std::size_t level = above.empty() ? 1 : level_of_[parent] + 1;
    level_of_[folder] = level;
    if (levels_.size() <= level) levels_.emplace_back();
    levels_[level].push_back(folder);
    index_[path] = folder;
    return folder;
  }

  void write_folder(Folder& folder) {
    const Folder& parent = folders_[folder.parent];
    if (&parent != &folder && parent.is_new) {
      folder.is_new = true;
      folder.at = parent.at + "/" + folder.name;
      make(folder);
    } else if (const Descriptor fd = open_folder(base_.get(), folder.path, shown(folder.path))) {
      folder.at = folder.path;
      replace_files(folder, fd.get());
      return;
    } else {
      folder.is_new = folder.is_named = true;
      folder.at = folder.path + suffix_;
      make(folder);
    }
    for (const std::size_t k : folder.files) write_new(folder.at + "/" + files_[k].name, text_(k));
  }

  void make(const Folder& folder) const {
    if (::mkdirat(base_.get(), folder.at.c_str(), 0777) != 0)
      throw error_from_errno(errno, "cannot make the folder", shown(folder.path));
  }

  void write_new(const std::string& path, const std::string& text) {
    const Descriptor file(::openat(base_.get(), path.c_str(),
                                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!file && errno == EEXIST)
      throw Error(Errc::invalid_argument, "two documents have the place '{}'", shown(path));
    if (!file) throw error_from_errno(errno, "cannot create", shown(path));
    write_all(file.get(), text, shown(path));
    ++n_written_;
  }

  void replace_files(const Folder& folder, int fd) {
    std::unordered_set<std::string> names;
    for (const std::size_t k : folder.files) {
      const std::string& name = files_[k].name;
      const std::string path = folder.path + "/" + name;
      if (!names.insert(name).second)
        throw Error(Errc::invalid_argument, "two documents have the place '{}'", shown(path));
      const std::string text = text_(k);
      if (holds(fd, name, text)) {
        ++n_unchanged_;
        continue;
      }
      {
        const std::lock_guard lock(mutex_);
        replaced_.push_back(path);
      }
      const std::string temporary = name + suffix_;
      const Descriptor file(::openat(fd, temporary.c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
      if (!file) throw error_from_errno(errno, "cannot create", shown(path));
      write_all(file.get(), text, shown(path));
      ++n_written_;
    }
  }

  /// A path leads to where the temporary is, or fails: so no name is given outside of the root,
  /// even when folders are exchanged meanwhile.
  void give_name(const std::string& from, const std::string& to) const {
    if (::renameat(base_.get(), from.c_str(), base_.get(), to.c_str()) != 0)
      throw error_from_errno(errno, "cannot rename to", shown(to));
  }

  void give_names() {
    for (std::size_t i = folders_.size(); i-- > 0;) {
      if (folders_[i].is_named) give_name(folders_[i].at, folders_[i].path);
    }
    const auto depth = [](const std::string& path) {
      return std::count(path.begin(), path.end(), '/');
    };
    std::stable_sort(replaced_.begin(), replaced_.end(),
                     [&](const auto& a, const auto& b) { return depth(a) > depth(b); });
    for (const std::string& path : replaced_) give_name(path + suffix_, path);
  }

  void clean_up() const noexcept {
    try {
      for (const Folder& folder : folders_) {
        if (folder.is_named) remove_tree(base_path_ / folder.at);
      }
      for (const std::string& path : replaced_)
        ::unlinkat(base_.get(), (path + suffix_).c_str(), 0);
    } catch (const std::exception&) {
      // The first failure is the one to tell of; the names say that they are temporary.
    }
  }

  const std::vector<TreeFile>& files_;
  const std::function<std::string(std::size_t)>& text_;
  fs::path base_path_;
  Descriptor base_;
  std::string suffix_;
  std::vector<Folder> folders_;
  std::unordered_map<std::string, std::size_t> index_;
  std::unordered_map<std::size_t, std::size_t> level_of_;
  std::vector<std::vector<std::size_t>> levels_;
  std::mutex mutex_;
  std::vector<std::string> replaced_;
  std::atomic<std::int64_t> n_written_ = 0;
  std::atomic<std::int64_t> n_unchanged_ = 0;
  bool is_done_ = false;
};

}  // namespace

SaveReport write_tree(const fs::path& root, const std::vector<TreeFile>& files,
                      const std::function<std::string(std::size_t)>& text, bool syncs,
                      int n_threads) {
  if (n_threads <= 0)
    n_threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return TreeWriter(root, files, text).write(syncs, n_threads);
}

}  // namespace rastream
