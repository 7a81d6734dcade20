// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/api/api_pages.h"

#include <xxhash.h>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr int kMethodNotAllowed = 405;

std::uint64_t hash_of(std::string_view a, std::string_view b = "", std::string_view c = "") {
  std::string text;
  for (const std::string_view part : {a, b, c}) {
    text += part;
    text += '\n';
  }
  return XXH3_64bits(text.data(), text.size());
}

std::optional<std::int64_t> count_of(std::string_view json) {
  if (json.empty()) return std::nullopt;
  const Json value = parse_json(json, "numberMatched");
  return holds_integer<std::int64_t>(value) ? std::optional(value.get<std::int64_t>())
                                            : std::nullopt;
}

std::optional<std::int64_t> matched_of(const std::vector<JsonMember>& page) {
  const std::string_view context = find_member(page, "context");
  if (context.starts_with('{'))
    if (const auto count = count_of(find_member(context, "matched"))) return count;
  return count_of(find_member(page, "numberMatched"));
}

}  // namespace

bool SeenHashes::insert(std::uint64_t hash) {
  if (hash == 0) hash = 1;  // an empty slot is 0
  if ((n_ + 1) * 2 > slots_.size()) grow();
  std::size_t i = hash & (slots_.size() - 1);
  for (; slots_[i] != 0; i = (i + 1) & (slots_.size() - 1))
    if (slots_[i] == hash) return false;
  slots_[i] = hash;
  ++n_;
  return true;
}

void SeenHashes::grow() {
  const std::vector<std::uint64_t> old = std::exchange(slots_, {});
  slots_.resize(old.size() * 2);
  n_ = 0;
  for (const std::uint64_t hash : old)
    if (hash != 0) insert(hash);
}

ApiPages::ApiPages(std::shared_ptr<const ApiSession> session, ApiRequest first, std::string member,
                   std::optional<ApiRequest> instead)
    : session_(std::move(session)),
      first_(std::move(first)),
      instead_(std::move(instead)),
      member_(std::move(member)),
      next_(first_) {}

std::optional<ApiPage> ApiPages::next() {
  while (next_) {
    ApiRequest request = *std::exchange(next_, std::nullopt);
    if (!requests_.insert(hash_of(request.method, request.url, request.body.dump()))) {
      throw Error(Errc::data_loss,
                  "{}: the next link of page {} asks for a page that was read before",
                  printable_url(request.url), n_pages_);
    }
    if (instead_ && n_pages_ == 0) request.status_allowed = kMethodNotAllowed;
    const ApiAnswer answer = session_->fetch(request);
    if (answer.status == kMethodNotAllowed) {
      next_ = first_ = *std::exchange(instead_, std::nullopt);
      continue;
    }
    ApiPage page = read(answer);
    if (!page.members.empty()) return page;
  }
  return std::nullopt;
}

ApiPage ApiPages::read(const ApiAnswer& answer) {
  ApiPage page;
  page.text = answer.text;
  page.url = answer.url;
  if (!page.text.view().starts_with('{'))
    throw Error(Errc::data_loss, "{}: expected a page, an object", printable_url(page.url));
  ++n_pages_;
  const auto members = members_of(page.text.view());
  const std::string_view list = find_member(members, member_);
  if (!list.starts_with('[')) {
    throw Error(Errc::data_loss, "{}: expected a page with a list of {}", printable_url(page.url),
                member_);
  }
  page.matched = matched_of(members);
  take_members(list, page);
  find_next(find_member(members, "links"), page);
  return page;
}

void ApiPages::take_members(std::string_view list, ApiPage& page) {
  const auto elements = elements_of(list);
  for (const std::string_view element : elements) {
    if (!element.starts_with('{'))
      throw Error(Errc::data_loss, "{}: one of the {} is no object", printable_url(page.url),
                  member_);
    const auto members = members_of(element);
    const std::string_view id = find_member(members, "id");
    // Without an id, as a choice of fields may leave it, nothing can be compared.
    if (id.empty() || items_.insert(hash_of(id, find_member(members, "collection"))))
      page.members.push_back(page.text.part(element));
    else
      ++n_repeated_;
  }
  check_progress(elements.size(), page);
}

void ApiPages::check_progress(std::size_t n_listed, const ApiPage& page) {
  if (n_listed > 0 && page.members.empty())
    throw endless(page, fmt::format("has only {} that earlier pages had", member_));
  n_empty_ = n_listed == 0 ? n_empty_ + 1 : 0;
}

void ApiPages::find_next(std::string_view links, const ApiPage& page) {
  if (!links.starts_with('[')) return;
  for (const std::string_view link : elements_of(links)) {
    if (!link.starts_with('{') || find_member(link, "rel") != "\"next\"") continue;
    next_ = request_of_link(link, page.url, first_);
    break;
  }
  if (!next_) return;
  if (n_empty_ >= session_->options().max_empty_pages)
    throw endless(page, fmt::format("is empty, as {} before it, and has a next one", n_empty_ - 1));
  if (n_pages_ >= session_->options().max_pages) throw endless(page, "has still a next one");
}

Error ApiPages::endless(const ApiPage& page, const std::string& why) const {
  return Error(Errc::data_loss, "{}: page {} {}: the answer has no end", printable_url(page.url),
               n_pages_, why);
}

}  // namespace rastream
