// SPDX-License-Identifier: Apache-2.0
#include "tests/servers/loopback_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace rastream {
namespace {

constexpr std::size_t kMostHead = 256 << 10;

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

/// Reads requests off one connection.
class RequestReader {
 public:
  explicit RequestReader(int fd) : fd_(fd) {}

  /// False when the client has gone.
  bool next(ServedRequest& request) {
    request = {};
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (buffer_.size() > kMostHead || !fill()) return false;
    }
    request.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    parse_head(request);
    if (same_name(request.header("Expect"), "100-continue"))
      ::send(fd_, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL);
    if (same_name(request.header("Transfer-Encoding"), "chunked")) return read_chunks(request);
    return read_body(request.body,
                     std::strtoull(request.header("Content-Length").c_str(), nullptr, 10));
  }

 private:
  static void parse_head(ServedRequest& request) {
    std::string_view rest = request.head;
    bool is_first = true;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find("\r\n"), rest.size());
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 2, rest.size()));
      if (is_first) {
        const std::size_t space = line.find(' ');
        request.method = line.substr(0, space);
        request.target = line.substr(space + 1, line.rfind(' ') - space - 1);
      } else if (const std::size_t colon = line.find(':'); colon != line.npos) {
        const std::size_t value = line.find_first_not_of(' ', colon + 1);
        request.headers.emplace_back(line.substr(0, colon),
                                     value == line.npos ? "" : line.substr(value));
      }
      is_first = false;
    }
  }

  bool read_body(std::string& body, std::size_t size) {
    while (buffer_.size() < size) {
      if (!fill()) return false;
    }
    body += buffer_.substr(0, size);
    buffer_.erase(0, size);
    return true;
  }

  bool read_chunks(ServedRequest& request) {
    for (;;) {
      std::size_t end = 0;
      while ((end = buffer_.find("\r\n")) == std::string::npos) {
        if (!fill()) return false;
      }
      const std::size_t size = std::strtoull(buffer_.c_str(), nullptr, 16);
      buffer_.erase(0, end + 2);
      std::string line_end;
      if (!read_body(request.body, size) || !read_body(line_end, 2)) return false;
      if (size == 0) return true;
    }
  }

  bool fill() {
    char piece[64 << 10];
    const ssize_t n = ::recv(fd_, piece, sizeof piece, 0);
    if (n <= 0) return false;
    buffer_.append(piece, static_cast<std::size_t>(n));
    return true;
  }

  int fd_;
  std::string buffer_;
};

}  // namespace

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 404: return "Not Found";
    default: return "Status";
  }
}

std::string ServedRequest::header(std::string_view name) const {
  for (const auto& [n, value] : headers) {
    if (same_name(n, name)) return value;
  }
  return "";
}

void ServedConnection::send(std::string_view bytes) {
  while (is_open_ && !bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) {
      is_open_ = false;
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void ServedConnection::answer_head(int status, std::string_view body, std::string_view headers) {
  send(fmt::format("HTTP/1.1 {} {}\r\nContent-Length: {}\r\n{}\r\n", status, reason_of(status),
                   body.size(), headers));
}

void ServedConnection::answer(int status, std::string_view body, std::string_view headers) {
  send(fmt::format("HTTP/1.1 {} {}\r\nContent-Length: {}\r\n{}\r\n{}", status, reason_of(status),
                   body.size(), headers, body));
}

void ServedConnection::reset() {
  const linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  is_open_ = false;
}

void ServedConnection::wait(std::chrono::milliseconds time) {
  pollfd watched{fd_, POLLRDHUP, 0};
  if (::poll(&watched, 1, static_cast<int>(time.count())) > 0) is_open_ = false;
}

LoopbackServer::LoopbackServer(Handler handler, const std::string& address, int port)
    : handler_(std::move(handler)), address_(address) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, address.c_str(), &name.sin_addr);
  const int is_on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &is_on, sizeof is_on);
  socklen_t size = sizeof name;
  auto* generic = reinterpret_cast<sockaddr*>(&name);
  if (listener_ < 0 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 256) != 0 ||
      ::getsockname(listener_, generic, &size) != 0)
    throw std::runtime_error("a loopback server cannot listen");
  port_ = ntohs(name.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

LoopbackServer::~LoopbackServer() {
  stops_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (Client& client : clients_) {
      if (!client.is_done) ::shutdown(client.fd, SHUT_RDWR);
    }
  }
  for (Client& client : clients_) client.thread.join();
}

std::string LoopbackServer::url(std::string_view path) const {
  return fmt::format("http://{}:{}{}", address_, port_, path);
}

void LoopbackServer::accept_all() {
  while (!stops_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++n_connections_;
    remove_finished();
    const std::lock_guard lock(mutex_);
    Client& client = clients_.emplace_back();
    client.fd = fd;
    client.thread = std::thread([this, &client] { serve(client); });
  }
}

void LoopbackServer::remove_finished() {
  const std::lock_guard lock(mutex_);
  clients_.remove_if([](Client& client) {
    if (!client.is_done) return false;
    client.thread.join();
    return true;
  });
}

void LoopbackServer::serve(Client& client) {
  RequestReader reader(client.fd);
  ServedConnection connection(client.fd);
  ServedRequest request;
  while (connection.is_open() && !stops_ && reader.next(request)) handler_(request, connection);
  const std::lock_guard lock(mutex_);
  client.is_done = true;
  ::close(client.fd);
}

}  // namespace rastream
