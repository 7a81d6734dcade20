// SPDX-License-Identifier: Apache-2.0
// A store behind a WebDAV server (RFC 4918): apache2, nginx, wsgidav, XrdHttp, ownCloud, and the
// door of dCache.
#pragma once

#include <atomic>

#include "rastream/store/file_system.h"
#include "rastream/store/http/http_store.h"

namespace rastream {

/// Keys are paths below the URL. Two facts of WebDAV shape it:
///
/// * PUT shows readers a part of the value on many servers. So a value goes to a temporary name
///   beside its key and is moved when it is whole (MOVE). apache2 and nginx, which do so themselves
///   but remove the old value before a MOVE, get a plain PUT.
/// * DELETE and an overwriting MOVE take whole trees. So both ask first what is there, and a tree
///   is only ever removed file by file. (A folder that is filled between question and answer is the
///   one case in which this does not help.)
class WebDavStore : public HttpStore {
 public:
  /// `shown` is what url() says ("webdav://host/folder"), `base_url` the same as http or https.
  WebDavStore(std::string shown, const std::string& base_url, std::shared_ptr<HttpClient> client);

  std::string url() const override { return shown_; }
  std::optional<Bytes> get_version(std::string_view key, ByteRange range,
                                   const std::string& version) const override;
  void put(std::string_view key, std::span<const std::byte> value) override;
  void erase(std::string_view key) override;
  std::vector<std::string> list(std::string_view prefix) const override;
  std::vector<std::string> children(std::string_view prefix) const override;

  std::optional<FileInfo> stat(std::string_view path) const override;
  std::vector<FileInfo> entries(std::string_view folder) const override;
  void make_folder(std::string_view path) override;
  void move(std::string_view from, std::string_view to) override;
  void remove(std::string_view path) override;
  std::vector<Digest> put_file(const std::filesystem::path& file, std::string_view path,
                               const PutFileOptions& options) override;

 protected:
  bool is_absent(std::string_view key, const HttpRequest& request,
                 const HttpResponse& response) const override;
  /// Sends and returns the answer, whatever its status.
  HttpResponse send(std::string_view method, std::string_view path, HttpHeaders headers = {},
                    std::string body = {}) const;
  /// PUT of a value, under that very name; makes the folders above it when they are missing.
  HttpResponse put_value(std::string_view key, std::span<const std::byte> value,
                         HttpHeaders headers = {});
  /// Header fields of each PUT.
  virtual HttpHeaders writing_headers() const { return {}; }
  /// A name for a put under way, beside `key`.
  static std::string temporary_key(std::string_view key);
  /// Of a file that stat() says is there and is no folder.
  virtual void delete_file(std::string_view path);
  /// Renames a file and replaces one; throws when `to` is a folder.
  virtual void move_over(std::string_view from, std::string_view to);
  /// Removes what a failed put has left, if it can.
  void drop_temporary(std::string_view key) noexcept;

 private:
  enum class Server { unknown, puts_atomically, dcache, xrootd };
  void note_server(const HttpResponse& response) const;
  /// False for names that the server may mistake in the Destination of a MOVE: XrootD (5.5) does
  /// not decode it, wsgidav (4.4) ends it at ';' and '?'. Such values are put under their key.
  bool can_move_to(std::string_view path) const;
  /// Makes a collection and those above it.
  void make_collection(Url url);
  /// Nothing when there is nothing, or the server would not say.
  std::optional<bool> is_collection(Url url) const;
  bool is_below_a_file(std::string_view path) const;
  /// PROPFIND; nothing on 404. With depth 1, `path` and what lies in it.
  std::optional<std::vector<FileInfo>> propfind(std::string_view path, int depth) const;

  std::string shown_;
  mutable std::atomic<Server> server_ = Server::unknown;
  mutable std::atomic<bool> folders_end_in_slash_ = false;
};

/// Opens "webdav://", "webdavs://", "dav://", "davs://" URLs.
std::unique_ptr<Store> open_webdav_store(const std::string& url);

}  // namespace rastream
