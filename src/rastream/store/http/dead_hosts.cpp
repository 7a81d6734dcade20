// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/dead_hosts.h"

namespace rastream {
namespace {

/// Documents can name any number of hosts that are not there.
constexpr std::size_t kMostHosts = 10'000;

}  // namespace

std::optional<std::chrono::seconds> DeadHosts::refuses(const std::string& origin, Time now) {
  const std::lock_guard lock(mutex_);
  const auto it = rows_.find(origin);
  if (it == rows_.end()) return std::nullopt;
  Row& row = it->second;
  // Also where the clock was put back: that must not keep a host closed.
  if (std::chrono::abs(now - row.last) > policy_.longest_gap) {
    rows_.erase(it);
    return std::nullopt;
  }
  if (!row.closed_until) return std::nullopt;
  if (now < *row.closed_until)
    return std::chrono::ceil<std::chrono::seconds>(*row.closed_until - now);
  // Whoever gets through may never tell how it went.
  row.closed_until = now + policy_.cool_down;
  row.last = now;
  return std::nullopt;
}

void DeadHosts::note_no_connection(const std::string& origin, Time now) {
  const std::lock_guard lock(mutex_);
  if (rows_.size() >= kMostHosts && !rows_.contains(origin)) rows_.clear();
  Row& row = rows_[origin];
  if (row.n_attempts == 0) row.first = now;
  ++row.n_attempts;
  row.last = now;
  if (row.n_attempts >= policy_.n_attempts && now - row.first >= policy_.shortest_row)
    row.closed_until = now + policy_.cool_down;
}

void DeadHosts::note_connection(const std::string& origin) {
  const std::lock_guard lock(mutex_);
  rows_.erase(origin);
}

}  // namespace rastream
