// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/document.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "rastream/catalog/parts.h"

namespace rastream {
namespace {

constexpr std::int64_t kMaxDocumentBytes = std::int64_t{1} << 30;

Error read_error(const std::string& path) {
  return error_from_errno(errno, "cannot read the STAC document", path);
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) {
    if (fd_ < 0) throw read_error(path);
  }
  ~OpenFile() { ::close(fd_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::string identity_of(const struct stat& status) {
  std::string identity(reinterpret_cast<const char*>(&status.st_dev), sizeof status.st_dev);
  return identity.append(reinterpret_cast<const char*>(&status.st_ino), sizeof status.st_ino);
}

ItemCollection parse_item_collection(JsonObjectElement object, JsonText text,
                                     const std::string& href) {
  ItemCollection out;
  out.href = href;
  const auto features = expect_member<simdjson::dom::array>(object, "features", href);
  const auto members = members_of(text.view());
  const auto texts = elements_of(find_member(members, "features"));
  out.items.reserve(texts.size());
  for (const JsonElement feature : features) {
    const JsonText part = text.part(texts[out.items.size()]);
    out.items.push_back(
        parse_item(expect<JsonObjectElement>(feature, "features", href), part, href));
  }
  if (const auto links = find_member(members, "links"); !links.empty())
    out.links = parse_links(object["links"], text.part(links), href);
  out.text = std::move(text);
  return out;
}

}  // namespace

Document parse_document(JsonText text, const std::string& href) {
  const JsonObjectElement object = expect_document(text, href);
  const std::string type = text_or_empty(object, "type");
  if (type == "Feature") return parse_item(object, std::move(text), href);
  if (type == "FeatureCollection") return parse_item_collection(object, std::move(text), href);
  // Catalogs and collections have no type before 1.0.0-rc.1.
  const bool is_old =
      type.empty() && has_member(object, "stac_version") && has_member(object, "links");
  if (type == "Catalog" || type == "Collection" || is_old)
    return parse_collection(object, std::move(text), href);
  throw Error(Errc::data_loss, "{}: expected a STAC catalog, collection or item{}", href,
              type.empty() ? "" : ", not a '" + type.substr(0, 60) + "'");
}

JsonText read_document(const std::string& path) {
  std::string identity;
  return read_document(path, identity);
}

JsonText read_document(const std::string& path, std::string& identity) {
  const OpenFile file(path);
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) throw read_error(path);
  if (!S_ISREG(status.st_mode))
    throw Error(Errc::not_found, "the STAC document '{}' is not a file", path);
  if (status.st_size > kMaxDocumentBytes) {
    throw Error(Errc::data_loss, "'{}' has {} bytes: expected a STAC document of at most {}", path,
                status.st_size, kMaxDocumentBytes);
  }
  identity = identity_of(status);
  return JsonText::filled(static_cast<std::size_t>(status.st_size), [&](char* to, std::size_t n) {
    std::size_t done = 0;
    while (done < n) {
      const ssize_t got = ::read(file.fd(), to + done, n - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw read_error(path);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  });
}

std::optional<FileState> file_state(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileState{identity_of(status),
                   status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_size};
}

}  // namespace rastream
