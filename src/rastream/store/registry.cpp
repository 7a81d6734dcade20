// SPDX-License-Identifier: Apache-2.0
// The table of stores by URL scheme.
#include <array>

#include "rastream/base/error.h"
#include "rastream/store/dcache.h"
#include "rastream/store/file.h"
#include "rastream/store/http/http_store.h"
#include "rastream/store/memory.h"
#include "rastream/store/public_name.h"
#include "rastream/store/s3.h"
#include "rastream/store/store_config.h"
#include "rastream/store/webdav.h"

namespace rastream {
namespace {

std::unique_ptr<Store> open_file_store(const std::string& url) {
  return std::make_unique<FileStore>(url.substr(std::string_view("file://").size()));
}

std::unique_ptr<Store> open_memory_store(const std::string& url) {
  return std::make_unique<MemoryStore>(url);
}

struct Scheme {
  std::string_view name;
  std::unique_ptr<Store> (*open)(const std::string& url);
};

constexpr std::array kSchemes = {
    Scheme{"file", open_file_store},     Scheme{"memory", open_memory_store},
    Scheme{"webdav", open_webdav_store}, Scheme{"webdavs", open_webdav_store},
    Scheme{"dav", open_webdav_store},    Scheme{"davs", open_webdav_store},
    Scheme{"dcache", open_dcache_store}, Scheme{"s3", open_s3_store},
    Scheme{"http", open_http_store},     Scheme{"https", open_http_store},
};

/// Name of the row that opens `url`: its scheme, or for a URL of the web what is configured.
std::string_view row_of(std::string_view url, std::size_t colon) {
  const StoreConfig* config = is_http_url(url) ? default_store_configs().find(url) : nullptr;
  return config ? std::string_view(config->type) : url.substr(0, colon);
}

}  // namespace

std::unique_ptr<Store> open_store(const std::string& name_or_url) {
  const std::string url = actual_url(name_or_url);
  const auto colon = url.find("://");
  if (colon == std::string::npos) return std::make_unique<FileStore>(url);
  const std::string_view name = row_of(url, colon);
  std::string known;
  for (const Scheme& scheme : kSchemes) {
    if (scheme.name == name) return scheme.open(url);
    known += fmt::format(" {}://", scheme.name);
  }
  throw Error(Errc::unsupported, "'{}': unknown scheme '{}': expected a path or one of{}",
              printable_url(url), name, known);
}

}  // namespace rastream
