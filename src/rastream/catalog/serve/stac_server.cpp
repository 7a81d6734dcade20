// SPDX-License-Identifier: Apache-2.0
// The only file that includes cpp-httplib.
#include "rastream/catalog/serve/stac_server.h"

#include <httplib.h>

#include <atomic>
#include <thread>

#include "rastream/base/error.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

constexpr std::size_t kMaxBodyBytes = std::size_t{4} << 20;

/// The parts of a path between '/', decoded one by one, so that an id may have a '/'. Nothing for
/// a path that cannot be decoded.
std::optional<std::vector<std::string>> path_parts(const std::string& target) {
  std::vector<std::string> parts;
  std::string_view rest = std::string_view(target).substr(0, target.find('?'));
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    if (slash > 0) {
      auto part = percent_decode(rest.substr(0, slash));
      if (!part) return std::nullopt;
      parts.push_back(std::move(*part));
    }
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return parts;
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

void answer_error(httplib::Response& response, int status, const char* why) {
  response.status = status;
  response.set_content(Json{{"code", "refused"}, {"description", why}}.dump(), "application/json");
}

}  // namespace

class StacServer::Impl {
 public:
  Impl(StacAnswers answers, const ServerOptions& options)
      : answers_(std::move(answers)), address_(options.address) {
    const int n_threads = std::max(1, options.n_threads);
    server_.new_task_queue = [n_threads] {
      return new httplib::ThreadPool(static_cast<std::size_t>(n_threads));
    };
    server_.set_payload_max_length(kMaxBodyBytes);
    server_.set_read_timeout(10);
    server_.set_write_timeout(30);
    server_.set_keep_alive_max_count(1000);
    server_.set_keep_alive_timeout(1);  // stopping waits for it
    server_.set_tcp_nodelay(true);
    const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
      this->handle(request, response);
    };
    // A handler for all paths would match them with a regular expression, which a long one may
    // make too deep. Before routing, bodies are not yet read.
    server_.set_pre_routing_handler(
        [handle](const httplib::Request& request, httplib::Response& response) {
          const bool is_read = request.method == "GET" || request.method == "HEAD";
          if (is_read) handle(request, response);
          return is_read ? httplib::Server::HandlerResponse::Handled
                         : httplib::Server::HandlerResponse::Unhandled;
        });
    server_.Post("/search", handle);
    server_.set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
          answer_error(response, 500, "an error of the server");
        });
    port_ = options.port == 0 ? server_.bind_to_any_port(address_)
                              : (server_.bind_to_port(address_, options.port) ? options.port : -1);
    if (port_ <= 0)
      throw Error(Errc::unavailable, "cannot listen at {}:{}: it is taken or not allowed", address_,
                  options.port);
  }

  std::string url() const { return "http://" + authority(); }

  void run(const std::stop_token& stop) {
    std::atomic<bool> is_done = false;
    // Stopping works only while it listens, so it is asked until it has ended.
    std::jthread watcher([&] {
      while (!is_done) {
        if (stop.stop_requested()) server_.stop();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    });
    server_.listen_after_bind();
    is_done = true;
  }

 private:
  std::string authority() const { return address_ + ":" + std::to_string(port_); }

  /// Behind an address that is not loopback, names cannot be known.
  bool is_own_host(const std::string& host) const {
    const auto names_us = [&](const std::string& name) {
      return host == fmt::format("{}:{}", name, port_);
    };
    return !is_loopback(address_) || names_us(address_) || names_us("localhost") ||
           names_us("127.0.0.1") || names_us("[::1]");
  }

  void handle(const httplib::Request& request, httplib::Response& response) const {
    const std::string host = request.get_header_value("Host");
    if (!is_own_host(host)) return answer_error(response, 421, "this server has another name");
    const auto path = path_parts(request.target);
    if (!path) return answer_error(response, 400, "the path cannot be decoded");
    ServeRequest asked;
    asked.method = request.method == "HEAD" ? "GET" : request.method;
    asked.path = *path;
    for (const auto& [name, value] : request.params) asked.query.emplace_back(name, value);
    asked.body = request.body;
    asked.base = is_loopback(address_) ? "http://" + host : url();
    const ServeAnswer answer = answers_.answer(asked);
    response.status = answer.status;
    response.set_header("X-Content-Type-Options", "nosniff");
    response.set_content(answer.body, answer.type);
  }

  StacAnswers answers_;
  std::string address_;
  int port_ = 0;
  httplib::Server server_;
};

StacServer::StacServer(StacAnswers answers, const ServerOptions& options)
    : impl_(std::make_unique<Impl>(std::move(answers), options)) {}

StacServer::~StacServer() = default;

std::string StacServer::url() const { return impl_->url(); }

void StacServer::run(const std::stop_token& stop) { impl_->run(stop); }

}  // namespace rastream
