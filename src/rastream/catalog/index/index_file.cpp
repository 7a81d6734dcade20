// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/index/index_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "rastream/catalog/index/item_digest.h"

namespace rastream {
namespace {

/// Closes what it opened.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

Index::File::File(const std::string& path, bool is_checked) : path_(path), is_checked_(is_checked) {
  map(path);
  try {
    check_header();
    check_sizes();
    read_collections();
  } catch (...) {
    ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
    throw;
  }
}

Index::File::~File() { ::munmap(const_cast<char*>(bytes_.data()), bytes_.size()); }

Error Index::File::damaged(std::string_view why) const {
  return Error(Errc::data_loss, "'{}' is no whole index of a catalog: {}", path_, why);
}

void Index::File::map(const std::string& path) {
  const OpenFile file(path);
  struct stat status {};
  if (file.fd() < 0 || ::fstat(file.fd(), &status) != 0)
    throw error_from_errno(errno, "cannot open the index", path);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (!S_ISREG(status.st_mode) || size < sizeof(IndexHeader)) throw damaged("it is too short");
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd(), 0);
  if (at == MAP_FAILED) throw error_from_errno(errno, "cannot map the index", path);
  bytes_ = {static_cast<const char*>(at), size};
}

void Index::File::check_header() {
  std::memcpy(&header_, bytes_.data(), sizeof header_);
  if (header_.magic != kIndexMagic) throw damaged("it does not begin as one");
  if (header_.version != kIndexVersion) {
    throw Error(Errc::unsupported, "'{}' is an index of version {}: expected {}; make it anew",
                path_, header_.version, kIndexVersion);
  }
  const std::string_view front = bytes_.substr(0, offsetof(IndexHeader, hash));
  if (is_checked_ && header_.hash != bytes_hash(front)) throw damaged("its head is damaged");
  if (header_.file_bytes != bytes_.size() || header_.n_sections != kIndexSections)
    throw damaged("it was cut off or grew");
  for (const IndexSectionEntry& section : header_.sections) {
    if (section.offset % 8 != 0 || section.offset > bytes_.size() ||
        section.bytes > bytes_.size() - section.offset)
      throw damaged("a section lies outside of it");
  }
}

/// Every table has a row for each item, or as many as follow from that.
void Index::File::check_sizes() const {
  const auto expect = [&](IndexSection section, std::uint64_t n, std::uint64_t size) {
    const std::uint64_t bytes = header_.sections[static_cast<std::size_t>(section)].bytes;
    if (bytes / size != n || bytes % size != 0) throw damaged("a table has the wrong size");
  };
  const std::uint64_t n = header_.n_items;
  if (n >= kNoIndex || header_.n_tree > n) throw damaged("it has too many items");
  expect(IndexSection::items, n, sizeof(IndexItem));
  expect(IndexSection::times, n, sizeof(IndexTime));
  expect(IndexSection::time_order, n, 4);
  expect(IndexSection::time_blocks, (n + kTimeBlock - 1) / kTimeBlock, sizeof(IndexTime));
  expect(IndexSection::tree_order, header_.n_tree, 4);
  expect(IndexSection::tree_boxes, tree_box_count(header_.n_tree), sizeof(BBox));
  expect(IndexSection::ids, n, sizeof(IndexId));
  const std::uint64_t n_columns =
      header_.sections[static_cast<std::size_t>(IndexSection::columns)].bytes / sizeof(IndexColumn);
  if (n_columns > 1000) throw damaged("it has too many columns");
  expect(IndexSection::column_cells, n_columns * column_bytes(n), 1);
}

std::string_view Index::File::checked(IndexSection section) const {
  const auto i = static_cast<std::size_t>(section);
  const IndexSectionEntry& entry = header_.sections[i];
  const std::string_view bytes = bytes_.substr(entry.offset, entry.bytes);
  if (!is_checked_ || section == IndexSection::texts || is_section_checked_[i]) return bytes;
  if (bytes_hash(bytes) != entry.hash) throw damaged("the checksum of a section is wrong");
  is_section_checked_[i] = true;
  return bytes;
}

std::string_view Index::File::slice(std::string_view section, IndexPiece piece) const {
  if (piece.offset > section.size() || piece.bytes > section.size() - piece.offset)
    throw damaged("a text lies outside of it");
  return section.substr(piece.offset, piece.bytes);
}

std::string_view Index::File::string(IndexPiece piece) const {
  return slice(checked(IndexSection::strings), piece);
}

JsonText Index::File::text(IndexPiece piece, std::uint64_t hash) const {
  const std::string_view bytes = slice(checked(IndexSection::texts), piece);
  if (is_checked_ && bytes_hash(bytes) != hash) throw damaged("the checksum of a text is wrong");
  return JsonText(bytes);
}

void Index::File::read_collections() {
  const auto documents = rows<IndexDocument>(IndexSection::documents);
  for (const IndexCollection& row : rows<IndexCollection>(IndexSection::collections)) {
    IndexedCollection collection;
    collection.id = string(row.id);
    collection.is_collection = row.is_collection != 0;
    collection.n_items = static_cast<std::int64_t>(row.n_items);
    if (row.box[0] <= row.box[2]) collection.box = {row.box[0], row.box[1], row.box[2], row.box[3]};
    if (row.time != std::array<std::int64_t, 2>{}) collection.time = {row.time[0], row.time[1]};
    if (row.document != kNoIndex) {
      collection.text = text(row.text, row.text_hash);
      collection.href = string(this->row(documents, row.document).href);
    }
    collections_.push_back(std::move(collection));
  }
}

std::uint32_t Index::File::find_document(const std::string& href) const {
  std::call_once(documents_once_, [&] {
    const auto documents = rows<IndexDocument>(IndexSection::documents);
    for (std::size_t i = 0; i < documents.size(); ++i)
      document_of_.emplace(string(documents[i].href), static_cast<std::uint32_t>(i));
  });
  const auto it = document_of_.find(href);
  return it == document_of_.end() ? kNoIndex : it->second;
}

}  // namespace rastream
