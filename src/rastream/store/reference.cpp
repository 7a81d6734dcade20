// SPDX-License-Identifier: Apache-2.0
// References to byte ranges of other files, as kerchunk writes them in JSON (kerchunk, "References
// specification", versions 0 and 1).
#include <filesystem>
#include <limits>

#include "rastream/base/base64.h"
#include "rastream/base/error.h"
#include "rastream/base/json.h"
#include "rastream/store/file.h"
#include "rastream/store/indexed.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

class ReferenceFile {
 public:
  explicit ReferenceFile(const std::string& path) : path_(fs::absolute(path).lexically_normal()) {
    const auto text = read_file(path_);
    if (!text) throw Error(Errc::not_found, "'{}' does not exist or is no file", path);
    document_ =
        parse_json({reinterpret_cast<const char*>(text->data()), text->size()}, path_.native());
    if (!document_.is_object()) throw broken("it is not a JSON object");
    if (!document_.contains("version")) return;
    if (document_["version"] != 1) {
      throw Error(Errc::unsupported, "'{}': references of version {}: expected 1", path_.native(),
                  document_["version"].dump());
    }
    if (document_.contains("gen"))
      throw Error(Errc::unsupported, "'{}': generated references ('gen')", path_.native());
    if (document_.contains("templates")) templates_ = document_["templates"];
    if (!templates_.is_object()) throw broken("'templates' is not an object");
    document_ = json_member<Json>(document_, "refs", path_.native());
    if (!document_.is_object()) throw broken("'refs' is not an object");
  }

  std::map<std::string, Place, std::less<>> places() const {
    std::map<std::string, Place, std::less<>> places;
    for (const auto& [key, value] : document_.items()) {
      if (!is_valid_key(key)) throw broken(fmt::format("'{}' is no key of a store", key));
      places.emplace(key, value.is_array() ? place_of(key, value) : inline_place(key, value));
    }
    return places;
  }

 private:
  Error broken(std::string_view why) const {
    return Error(Errc::data_loss, "'{}' is not a file of references: {}", path_.native(), why);
  }

  Place inline_place(const std::string& key, const Json& value) const {
    constexpr std::string_view kBase64 = "base64:";
    std::string text;
    if (value.is_object()) {
      text = value.dump();
    } else if (value.is_string()) {
      text = value.get<std::string>();
    } else {
      throw broken(fmt::format("'{}' is neither text nor a list", key));
    }
    Place place;
    if (text.starts_with(kBase64)) {
      auto bytes = base64_decode(std::string_view(text).substr(kBase64.size()));
      if (!bytes) throw broken(fmt::format("'{}' is not base64", key));
      place.bytes = std::move(*bytes);
    } else {
      const auto bytes = std::as_bytes(std::span(text));
      place.bytes.assign(bytes.begin(), bytes.end());
    }
    return place;
  }

  Place place_of(const std::string& key, const Json& value) const {
    const bool is_range = value.size() == 3 && is_length(value[1]) && is_length(value[2]);
    if ((value.size() != 1 && !is_range) || !value[0].is_string())
      throw broken(fmt::format("'{}' is {}: expected [url] or [url, offset, length]", key,
                               value.dump().substr(0, 80)));
    Place place;
    place.kind = Place::Kind::file;
    place.path = local_path(key, expanded(value[0].get<std::string>()));
    if (is_range) {
      place.offset = value[1];
      place.length = value[2];
      if (place.length > std::numeric_limits<std::int64_t>::max() - place.offset)
        throw broken(fmt::format("'{}' ends beyond any file", key));
    }
    return place;
  }

  static bool is_length(const Json& value) {
    return value.is_number_unsigned() &&
           value.get<std::uint64_t>() <=
               static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  }

  /// "{{name}}" becomes the template of that name.
  std::string expanded(std::string url) const {
    for (std::size_t begin = url.find("{{"); begin != std::string::npos; begin = url.find("{{")) {
      const std::size_t end = url.find("}}", begin);
      const std::string name =
          end == std::string::npos ? "" : url.substr(begin + 2, end - begin - 2);
      if (!templates_.contains(name) || !templates_[name].is_string() ||
          templates_[name].get<std::string>().find("{{") != std::string::npos) {
        throw Error(Errc::unsupported, "'{}': template '{}': expected one that is plain text",
                    path_.native(), name);
      }
      url.replace(begin, end + 2 - begin, templates_[name].get<std::string>());
    }
    return url;
  }

  std::string local_path(const std::string& key, std::string url) const {
    constexpr std::string_view kFile = "file://";
    if (url.starts_with(kFile)) url.erase(0, kFile.size());
    if (url.find("://") != std::string::npos) {
      throw Error(Errc::unsupported, "'{}': '{}' lies at '{}': only local files are read",
                  path_.native(), key, url);
    }
    const fs::path target = (path_.parent_path() / url).lexically_normal();
    if (!is_valid_key(std::string_view(target.native()).substr(1)))
      throw broken(fmt::format("'{}' lies at '{}'", key, url));
    return target.native();
  }

  fs::path path_;
  Json document_;
  Json templates_ = Json::object();
};

}  // namespace

std::unique_ptr<Store> open_reference_store(const std::string& path) {
  const ReferenceFile file(path);
  return std::make_unique<IndexedStore>(
      "reference://" + fs::absolute(path).lexically_normal().native(), file.places());
}

}  // namespace rastream
