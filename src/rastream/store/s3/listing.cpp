// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/s3/listing.h"

#include <charconv>
#include <cstring>
#include <ctime>

#include "rastream/store/bounded_xml.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

[[noreturn]] void refuse(std::string_view what, const std::string& why) {
  throw Error(Errc::data_loss, "{}: the server's answer is not to be trusted: {}", what, why);
}

pugi::xml_node load(std::string_view xml, pugi::xml_document& document, std::string_view what) {
  const std::string why = load_xml(xml, document);
  if (!why.empty()) refuse(what, why);
  return document.document_element();
}

std::string decoded(const pugi::xml_node& node, std::string_view what) {
  // Blanks around a key are part of it; '+' stands for a blank on some servers.
  std::string text = node.text().get();
  for (char& c : text) {
    if (c == '+') c = ' ';
  }
  const auto key = percent_decode(text);
  if (!key) refuse(what, "a key that is not percent-encoded");
  return *key;
}

std::int64_t length_of(std::string_view text, std::string_view what) {
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    refuse(what, "a length that is no number");
  return value;
}

/// "2009-10-12T17:50:30.000Z"
std::optional<std::int64_t> time_of(std::string_view text) {
  std::tm t{};
  const std::string copy(text);
  if (::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &t) == nullptr) return std::nullopt;
  return static_cast<std::int64_t>(::timegm(&t)) * 1000;
}

}  // namespace

S3Page parse_s3_page(std::string_view xml, std::string_view prefix, std::string_view what) {
  pugi::xml_document document;
  const pugi::xml_node root = load(xml, document, what);
  if (std::strcmp(root.name(), "ListBucketResult") != 0) refuse(what, "no ListBucketResult");
  S3Page page;
  const auto check = [&](const std::string& key) {
    if (!key.starts_with(prefix)) refuse(what, fmt::format("it names '{}'", key));
  };
  for (const pugi::xml_node& node : root.children("Contents")) {
    FileInfo info;
    info.path = decoded(node.child("Key"), what);
    check(info.path);
    if (info.path.ends_with('/')) continue;
    info.size_bytes = length_of(trimmed_text(node.child("Size")), what);
    info.modified_ms = time_of(trimmed_text(node.child("LastModified")));
    info.etag = trimmed_text(node.child("ETag"));
    if (const auto md5 = md5_of_etag(info.etag)) info.digests.push_back(*md5);
    page.files.push_back(std::move(info));
  }
  for (const pugi::xml_node& node : root.children("CommonPrefixes")) {
    std::string folder = decoded(node.child("Prefix"), what);
    check(folder);
    page.folders.push_back(std::move(folder));
  }
  if (trimmed_text(root.child("IsTruncated")) == "true") {
    page.next = trimmed_text(root.child("NextContinuationToken"));
    if (page.next.empty()) refuse(what, "a page that says that more follows, and not where");
  }
  return page;
}

std::string parse_s3_upload_id(std::string_view xml, std::string_view what) {
  pugi::xml_document document;
  const std::string id(trimmed_text(load(xml, document, what).child("UploadId")));
  if (id.empty()) refuse(what, "no UploadId");
  return id;
}

std::string s3_completion(const std::vector<std::string>& etags) {
  std::string body = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < etags.size(); ++i)
    body += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1, etags[i]);
  return body + "</CompleteMultipartUpload>";
}

void check_s3_answer(std::string_view xml, std::string_view what) {
  pugi::xml_document document;
  const pugi::xml_node root = load(xml, document, what);
  if (std::strcmp(root.name(), "Error") != 0) return;
  throw Error(Errc::unavailable, "{}: {}", what, trimmed_text(root.child("Code")));
}

}  // namespace rastream
