// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/credentials.h"

#include <algorithm>
#include <cstdlib>

#include "rastream/base/base64.h"
#include "rastream/base/error.h"
#include "rastream/store/http/address_zone.h"

namespace rastream {
namespace {

/// A server may take "/a/../b" and "/a/%2e%2e/b" for "/b", which is not below "/a".
bool is_plain_path(std::string_view path) {
  const auto decoded = percent_decode(path);
  if (!decoded) return false;
  return (*decoded + "/").find("/../") == std::string::npos &&
         (*decoded + "/").find("/./") == std::string::npos;
}

/// Whether a credential for `prefix` is one for `url`.
bool is_for(const Url& prefix, const Url& url) {
  const bool is_same_place =
      prefix.host.empty() ? url.scheme == prefix.scheme : prefix.origin() == url.origin();
  return is_same_place && path_covers(prefix.path, url.path) &&
         (prefix.path == "/" || is_plain_path(url.path));
}

Url parse_prefix(const std::string& prefix, bool is_shown) {
  Url url = parse_url(prefix);
  if (!url.userinfo.empty() || url.query || url.fragment)
    throw Error(Errc::invalid_argument,
                "credential for '{}': expected a URL of scheme, host, port and path alone",
                printable_url(prefix));
  if (url.scheme == "http" && is_shown && !is_loopback_host(url.host))
    throw Error(Errc::invalid_argument,
                "credential for '{}': it would be sent over plain http: expected https",
                printable_url(prefix));
  return url;
}

std::string basic_field(const Credential& credential) {
  const std::string text = credential.username + ":" + credential.secret.reveal();
  return "Basic " + base64_encode(std::as_bytes(std::span(text)));
}

}  // namespace

std::vector<std::pair<std::string, Secret>> Credential::fields() const {
  switch (kind) {
    case Kind::basic: return {{"Authorization", Secret(basic_field(*this))}};
    case Kind::bearer: return {{"Authorization", Secret("Bearer " + secret.reveal())}};
    case Kind::headers: return headers;
    case Kind::s3: return {};
    case Kind::unusable: break;
  }
  throw Error(Errc::unsupported, "credential: {}", source);
}

void Credentials::add(const std::string& prefix, Credential credential) {
  if (prefix == "s3://") {
    entries_.push_back({Url{"s3", "", "", 0, "/"}, std::move(credential)});
    return;
  }
  const bool is_shown =
      credential.kind != Credential::Kind::s3 && credential.kind != Credential::Kind::unusable;
  Entry entry{parse_prefix(prefix, is_shown), std::move(credential)};
  for (const std::string& site : entry.credential.sites)
    entry.sites.push_back(parse_prefix(site, is_shown));
  entries_.push_back(std::move(entry));
}

template <typename Accept>
const Credential* Credentials::best(const Url& url, Accept&& accepts) const {
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    if (!is_for(entry.prefix, url) || !accepts(entry)) continue;
    if (!found || entry.prefix.path.size() > found->prefix.path.size()) found = &entry;
  }
  return found ? &found->credential : nullptr;
}

bool Credentials::Entry::is_login_of(const Url& site) const {
  return std::any_of(sites.begin(), sites.end(), [&](const Url& s) { return is_for(s, site); });
}

const Credential* Credentials::find(const Url& url) const {
  return best(url, [](const Entry& e) { return e.credential.kind != Credential::Kind::s3; });
}

const Credential* Credentials::find_s3(const Url& url) const {
  return best(url, [](const Entry& e) { return e.credential.kind == Credential::Kind::s3; });
}

const Credential* Credentials::find_login(const Url& url, const Url& site) const {
  return best(url, [&](const Entry& e) { return e.is_login_of(site); });
}

bool Credentials::has_login(const Url& site) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& e) { return e.is_login_of(site); });
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
}

}  // namespace rastream
