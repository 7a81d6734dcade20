// SPDX-License-Identifier: Apache-2.0
// A server that fails in every way that networks and servers are known to fail, on demand and
// reproducibly, and that notes each secret that reaches an origin where it does not belong.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "tests/servers/loopback_server.h"

namespace rastream {

/// What a client without faults of its own makes of it, when it knows length and SHA-256.
enum class Remedy {
  none,    ///< nothing is wrong: it must succeed
  retry,   ///< must succeed once the fault has passed, and fail while it lasts
  refuse,  ///< must fail, each time
  either,  ///< may succeed or fail, but never with wrong bytes
};

struct FaultKind {
  std::string_view name;
  Remedy remedy;
  /// Right length, right headers, wrong bytes: seen by a digest alone.
  bool needs_digest = false;
};

/// All kinds, at least forty of them.
std::span<const FaultKind> fault_kinds();

/// The bytes that a file of this seed and size has.
std::string hostile_body(unsigned seed, std::size_t size);

struct HostileFile {
  std::string_view fault;
  int n_faults = 1;  ///< requests that meet the fault; those after them are served well
  unsigned seed = 0;
  std::size_t size = 0;
  bool gives_digest = false;  ///< `Digest: adler32=`, when it is asked for
};

/// Two origins more (another port; 127.0.0.2) record what they are sent and serve the file well.
class HostileServer {
 public:
  /// `canary` is a secret that tests send to this origin alone.
  explicit HostileServer(std::string canary);
  /// "http://127.0.0.1:PORT/..."; with "?token=" and the canary.
  std::string url(const HostileFile& file) const;
  std::string origin() const { return main_.url("/"); }
  /// Requests at foreign origins, and how many of them had the canary anywhere in their head.
  int n_foreign() const { return n_foreign_; }
  int n_secrets_abroad() const { return n_secrets_abroad_; }
  /// Requests here that came with the canary as their credential.
  int n_authorized() const { return n_authorized_; }

 private:
  void serve(const ServedRequest& request, ServedConnection& connection);
  void serve_abroad(const ServedRequest& request, ServedConnection& connection);
  int count(const std::string& target);

  std::string canary_;
  std::atomic<int> n_foreign_ = 0;
  std::atomic<int> n_secrets_abroad_ = 0;
  std::atomic<int> n_authorized_ = 0;
  std::mutex mutex_;
  std::map<std::string, int> n_requests_;  ///< by target
  LoopbackServer other_port_;
  LoopbackServer other_host_;
  LoopbackServer main_;
};

}  // namespace rastream
