// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 server on loopback whose handler writes the bytes of the answer itself, so that it
// can be as wrong as a test wants.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace rastream {

struct ServedRequest {
  std::string method;
  std::string target;  ///< path and query as they were sent
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string head;  ///< all of the head as it was sent
  /// The first value of this name, in any case of letters; "" when there is none.
  std::string header(std::string_view name) const;
  std::string path() const { return target.substr(0, target.find('?')); }
};

/// One client. What fails because the client has gone is not an error.
class ServedConnection {
 public:
  explicit ServedConnection(int fd) : fd_(fd) {}
  /// Raw bytes.
  void send(std::string_view bytes);
  /// A whole answer with Content-Length; `headers` are lines that end in \r\n.
  void answer(int status, std::string_view body, std::string_view headers = "");
  /// The answer to HEAD: the length of `body` without it.
  void answer_head(int status, std::string_view body, std::string_view headers = "");
  /// Ends the connection after the handler; what was sent arrives.
  void close() { is_open_ = false; }
  /// Ends it with a reset.
  void reset();
  /// Until the client has gone, the server stops or the time is over.
  void wait(std::chrono::milliseconds time);
  bool is_open() const { return is_open_; }
  int fd() const { return fd_; }

 private:
  int fd_;
  bool is_open_ = true;
};

/// Listens on a port that the system chooses, or that of an earlier one, until it is destroyed. The
/// handler is called from a thread a connection, one request after the other.
class LoopbackServer {
 public:
  using Handler = std::function<void(const ServedRequest&, ServedConnection&)>;
  /// `address` is one of 127.0.0.0/8. `port` is that of a server that was destroyed, to be back
  /// where it was.
  explicit LoopbackServer(Handler handler, const std::string& address = "127.0.0.1", int port = 0);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  /// "http://127.0.0.1:PORT" + path.
  std::string url(std::string_view path = "") const;
  int port() const { return port_; }
  /// Connections that were accepted so far.
  int n_connections() const { return n_connections_; }

 private:
  struct Client {
    int fd = -1;
    std::atomic<bool> is_done = false;
    std::thread thread;
  };
  void accept_all();
  void serve(Client& client);
  void remove_finished();

  Handler handler_;
  std::string address_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stops_ = false;
  std::atomic<int> n_connections_ = 0;
  std::mutex mutex_;
  std::list<Client> clients_;
  std::thread acceptor_;
};

/// "status text" of the status line.
std::string_view reason_of(int status);

}  // namespace rastream
