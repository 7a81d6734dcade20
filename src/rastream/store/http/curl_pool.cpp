// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/curl_pool.h"

#include <condition_variable>
#include <list>
#include <map>
#include <mutex>

#include "rastream/store/http/curl_exchange.h"

namespace rastream {
namespace {

/// Each request in front ends by its own limits, so that who waits longer than this is stuck
/// behind a program that sends from within a callback.
constexpr std::chrono::minutes kLongestTurn{15};

}  // namespace

/// Idle connections, and how many of each origin are in use.
class CurlPool::Lanes {
 public:
  explicit Lanes(const HttpOptions& options) : options_(options) {}

  std::unique_ptr<CurlLane> take(const std::string& origin, const std::string& key,
                                 const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const auto has_turn = [&] { return n_used_[origin] < options_.connections_per_origin; };
    if (!returned_.wait_for(lock, stop, kLongestTurn, has_turn))
      throw Error(Errc::unavailable, "{}: {}", origin,
                  stop.stop_requested() ? "stopped" : "no connection became free");
    ++n_used_[origin];
    for (auto it = idle_.begin(); it != idle_.end(); ++it) {
      if (it->key != key) continue;
      auto lane = std::move(it->lane);
      idle_.erase(it);
      return lane;
    }
    return nullptr;
  }

  /// A lane that is not kept is closed outside the lock, for that may take a while.
  void give_back(const std::string& origin, const std::string& key,
                 std::unique_ptr<CurlLane> lane) {
    std::unique_ptr<CurlLane> oldest;
    {
      const std::lock_guard lock(mutex_);
      if (--n_used_[origin] == 0) n_used_.erase(origin);
      if (lane) idle_.push_front({key, std::move(lane)});
      if (idle_.size() > static_cast<std::size_t>(options_.idle_connections)) {
        oldest = std::move(idle_.back().lane);
        idle_.pop_back();
      }
    }
    returned_.notify_all();
  }

  const HttpOptions& options() const { return options_; }

 private:
  struct Idle {
    std::string key;
    std::unique_ptr<CurlLane> lane;
  };

  HttpOptions options_;
  std::mutex mutex_;
  std::condition_variable_any returned_;
  std::map<std::string, int> n_used_;
  std::list<Idle> idle_;  ///< the latest first
};

CurlPool::CurlPool(const HttpOptions& options) : lanes_(std::make_unique<Lanes>(options)) {}
CurlPool::~CurlPool() = default;

ExchangeResult CurlPool::exchange(const Exchange& exchange) {
  const std::string origin = exchange.url.origin();
  // A connection that a freer request made must not serve one with a shorter reach.
  const std::string key = fmt::format("{} {} {}", origin, static_cast<int>(exchange.reach),
                                      exchange.is_for_loopback_only);
  // A failed exchange has closed its connection; the means to make the next one are kept.
  struct Turn {
    Lanes& lanes;
    const std::string& origin;
    const std::string& key;
    std::unique_ptr<CurlLane> lane;
    ~Turn() { lanes.give_back(origin, key, std::move(lane)); }
  };
  Turn turn{*lanes_, origin, key, lanes_->take(origin, key, exchange.request.stop)};
  if (!turn.lane) turn.lane = std::make_unique<CurlLane>();
  return turn.lane->exchange(exchange, lanes_->options());
}

}  // namespace rastream
