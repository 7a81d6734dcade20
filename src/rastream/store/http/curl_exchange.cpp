// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/curl_exchange.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>

#include "rastream/store/http/dead_hosts.h"
#include "rastream/store/http/response_reader.h"

namespace rastream {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// More would not stay in the processor's cache between the socket and the file.
constexpr long kBufferBytes = 128 << 10;
/// Less than this within the stall time is a stall.
constexpr std::int64_t kStallBytes = 1024;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
constexpr std::int64_t kLongBody = 1 << 20;

using HeaderList = std::unique_ptr<curl_slist, FreeList>;

/// What the callbacks of one exchange share.
struct State {
  State(const Exchange& exchange_in, const HttpOptions& options)
      : exchange(exchange_in),
        reader(exchange_in.request, exchange_in.method, exchange_in.url.to_string(),
               options.max_header_bytes) {}

  const Exchange& exchange;
  ResponseReader reader;
  std::exception_ptr failure;  ///< what a callback threw: curl is C and lets nothing through
  std::array<char, CURL_ERROR_SIZE> curl_text = {};
  std::size_t n_sent = 0;
  bool has_connected = false;
  std::optional<AddressZone> refused = {};  ///< of an address that the rules forbid
  Clock::time_point window_begin = Clock::now();
  std::int64_t window_bytes = 0;

  void count(std::size_t n_bytes) {
    window_bytes += static_cast<std::int64_t>(n_bytes);
    if (window_bytes >= kStallBytes) begin_window();
  }
  void begin_window() {
    window_bytes = 0;
    window_begin = Clock::now();
  }
};

/// Calls f and keeps what it throws; `on_failure` then ends the exchange.
template <typename R, typename F>
R guarded(State& state, R on_failure, F&& f) {
  try {
    return f();
  } catch (...) {
    state.failure = std::current_exception();
    return on_failure;
  }
}

std::size_t on_header(char* data, std::size_t, std::size_t n, void* user) {
  State& state = *static_cast<State*>(user);
  return guarded(state, std::size_t{0}, [&] {
    state.count(n);
    const bool had_head = state.reader.has_head();
    state.reader.read_header_line({data, n});
    if (state.reader.has_head() && !had_head) state.begin_window();
    return n;
  });
}

std::size_t on_body(char* data, std::size_t, std::size_t n, void* user) {
  State& state = *static_cast<State*>(user);
  return guarded(state, std::size_t{0}, [&]() -> std::size_t {
    state.count(n);
    const bool goes_on = state.reader.read_body({reinterpret_cast<std::byte*>(data), n});
    if (state.window_bytes == 0) state.begin_window();  // the sink's time is not the server's
    return goes_on ? n : n + 1;
  });
}

std::size_t on_send(char* into, std::size_t, std::size_t n, void* user) {
  State& state = *static_cast<State*>(user);
  return guarded(state, std::size_t{CURL_READFUNC_ABORT}, [&]() -> std::size_t {
    const HttpRequest& request = state.exchange.request;
    std::size_t n_read = 0;
    if (request.source) {
      n_read = request.source->read({reinterpret_cast<std::byte*>(into), n});
    } else {
      n_read = std::min(n, request.body.size() - state.n_sent);
      std::memcpy(into, request.body.data() + state.n_sent, n_read);
    }
    state.n_sent += n_read;
    state.count(n_read);
    if (state.window_bytes == 0) state.begin_window();
    return n_read;
  });
}

/// curl sends from the start again when a kept connection turns out to be closed.
int on_seek(void* user, curl_off_t offset, int origin) {
  State& state = *static_cast<State*>(user);
  if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  return guarded(state, int{CURL_SEEKFUNC_FAIL}, [&] {
    if (state.exchange.request.source) state.exchange.request.source->rewind();
    state.n_sent = 0;
    return int{CURL_SEEKFUNC_OK};
  });
}

/// The one place where an address, whatever its name was, can be looked at before it is used.
curl_socket_t on_open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  State& state = *static_cast<State*>(user);
  const AddressZone zone = zone_of(address->addr);
  const bool is_allowed = zone <= state.exchange.reach &&
                          (!state.exchange.is_for_loopback_only || zone == AddressZone::loopback);
  if (is_allowed)
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  state.refused = zone;
  return CURL_SOCKET_BAD;
}

int on_connected(void* user, char*, char*, int, int) {
  State& state = *static_cast<State*>(user);
  state.has_connected = true;
  state.begin_window();
  return CURL_PREREQFUNC_OK;
}

template <typename T>
void set(CURL* easy, CURLoption option, T value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  if (code != CURLE_OK)
    throw Error(Errc::internal, "libcurl: option {}: {}", static_cast<int>(option),
                curl_easy_strerror(code));
}

std::int64_t body_size(const HttpRequest& request) {
  return request.source ? request.source->size() : static_cast<std::int64_t>(request.body.size());
}

HeaderList header_list(const Exchange& exchange) {
  HeaderList list;
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (!longer) throw Error(Errc::unavailable, "out of memory for headers");
    static_cast<void>(list.release());
    list.reset(longer);
  };
  // "name;" is how curl is told to send an empty value.
  for (const auto& [name, value] : exchange.headers)
    add(value.empty() ? name + ";" : name + ": " + value);
  const auto drop = [&](const char* name) {
    if (!exchange.headers.find(name)) add(std::string(name) + ":");
  };
  drop("Content-Type");
  drop("Accept");
  // curl announces every PUT and then waits up to a second for servers that do not answer to that;
  // it is worth while for long bodies alone.
  const bool is_short = exchange.has_body && body_size(exchange.request) >= 0 &&
                        body_size(exchange.request) < kLongBody;
  if (is_short) drop("Expect");
  return list;
}

void set_method(CURL* easy, const Exchange& exchange) {
  const bool wants_length =
      exchange.method == "PUT" || exchange.method == "POST" || exchange.method == "PATCH";
  if (exchange.method == "HEAD") {
    set(easy, CURLOPT_NOBODY, 1L);
  } else if (exchange.has_body || wants_length) {
    set(easy, CURLOPT_UPLOAD, 1L);
    set(easy, CURLOPT_INFILESIZE_LARGE,
        static_cast<curl_off_t>(exchange.has_body ? body_size(exchange.request) : 0));
  } else {
    set(easy, CURLOPT_HTTPGET, 1L);
  }
  set(easy, CURLOPT_CUSTOMREQUEST, exchange.method.c_str());
}

void set_callbacks(CURL* easy, State& state) {
  set(easy, CURLOPT_HEADERFUNCTION, on_header);
  set(easy, CURLOPT_HEADERDATA, &state);
  set(easy, CURLOPT_WRITEFUNCTION, on_body);
  set(easy, CURLOPT_WRITEDATA, &state);
  set(easy, CURLOPT_READFUNCTION, on_send);
  set(easy, CURLOPT_READDATA, &state);
  set(easy, CURLOPT_SEEKFUNCTION, on_seek);
  set(easy, CURLOPT_SEEKDATA, &state);
  set(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
  set(easy, CURLOPT_OPENSOCKETDATA, &state);
  set(easy, CURLOPT_PREREQFUNCTION, on_connected);
  set(easy, CURLOPT_PREREQDATA, &state);
  set(easy, CURLOPT_ERRORBUFFER, state.curl_text.data());
}

void set_connection(CURL* easy, const Exchange& exchange, const HttpOptions& options) {
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  // A handle whose last transfer failed may still have its buffer, and then refuses another size.
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kBufferBytes);
  set(easy, CURLOPT_UPLOAD_BUFFERSIZE, 1L << 20);
  set(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(exchange.timeouts.connect.count()));
  // A proxy connects for us, so that the address could not be looked at.
  if (exchange.reach != AddressZone::loopback || exchange.is_for_loopback_only)
    set(easy, CURLOPT_PROXY, "");
  if (!options.ca_file.empty()) set(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.ca_path.empty()) set(easy, CURLOPT_CAPATH, options.ca_path.c_str());
}

bool is_transient(CURLcode code) {
  constexpr std::array kTransient = {CURLE_COULDNT_CONNECT,   CURLE_OPERATION_TIMEDOUT,
                                     CURLE_RECV_ERROR,        CURLE_SEND_ERROR,
                                     CURLE_GOT_NOTHING,       CURLE_PARTIAL_FILE,
                                     CURLE_SSL_CONNECT_ERROR, CURLE_SEND_FAIL_REWIND};
  return std::find(kTransient.begin(), kTransient.end(), code) != kTransient.end();
}

Errc errc_of(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CACERT_BADFILE: return Errc::permission_denied;
    case CURLE_URL_MALFORMAT: return Errc::invalid_argument;
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING: return Errc::data_loss;
    default: return Errc::unavailable;
  }
}

std::string what_failed(const Exchange& exchange) {
  return fmt::format("{} {}", exchange.method, exchange.url.without_query_and_secrets());
}

/// What a server sends too much after one answer looks like nonsense before the next.
bool is_nonsense_of_before(CURL* easy, CURLcode code) {
  long n_new_connections = 0;
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &n_new_connections);
  return n_new_connections == 0 &&
         (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY);
}

[[noreturn]] void throw_curl_error(const State& state, CURL* easy, CURLcode code) {
  const std::string what = what_failed(state.exchange);
  if (state.refused)
    throw Error(Errc::permission_denied, "{}: leads to a {} address, which {}", what,
                to_string(*state.refused),
                state.exchange.is_for_loopback_only
                    ? "must not get a credential over plain http"
                    : "a document or server from outside may not name");
  const char* text = state.curl_text[0] ? state.curl_text.data() : curl_easy_strerror(code);
  const Error error(errc_of(code), "{}: {}", what, text);
  const bool is_too_late = code == CURLE_OPERATION_TIMEDOUT && !state.has_connected;
  if (code == CURLE_COULDNT_CONNECT || is_too_late) throw ConnectError(error);
  if (is_transient(code) || is_nonsense_of_before(easy, code)) throw TransientError(error);
  throw error;
}

}  // namespace

struct CurlLane::Handles {
  CURLM* multi = curl_multi_init();
  CURL* easy = curl_easy_init();
};

CurlLane::CurlLane() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  handles_ = std::make_unique<Handles>();
  if (!handles_->multi || !handles_->easy)
    throw Error(Errc::unavailable, "out of memory for a connection");
}

CurlLane::~CurlLane() {
  curl_easy_cleanup(handles_->easy);
  curl_multi_cleanup(handles_->multi);
}

namespace {

/// How long to wait for the network at most, and what has run out.
class Deadlines {
 public:
  explicit Deadlines(const HttpTimeouts& timeouts) : timeouts_(timeouts) {}

  void check(const State& state) const {
    const auto now = Clock::now();
    const std::string what = what_failed(state.exchange);
    if (state.exchange.request.stop.stop_requested())
      throw Error(Errc::unavailable, "{}: stopped", what);
    if (timeouts_.total.count() > 0 && now - begin_ > timeouts_.total) {
      const Error error(Errc::unavailable, "{}: not done after {} ms", what,
                        timeouts_.total.count());
      if (!state.has_connected) throw ConnectError(error);
      throw TransientError(error);
    }
    if (has_stalled(state, now))
      throw TransientError(Error(Errc::unavailable, "{}: stalled: less than 1 KiB within {} ms",
                                 what, timeouts_.stall.count()));
  }

  int wait_ms(const State& state) const {
    milliseconds wait(1000);
    const auto now = Clock::now();
    const auto until = [&](Clock::time_point t) {
      wait = std::clamp(std::chrono::ceil<milliseconds>(t - now), milliseconds(0), wait);
    };
    if (timeouts_.total.count() > 0) until(begin_ + timeouts_.total + milliseconds(1));
    if (timeouts_.stall.count() > 0 && state.has_connected)
      until(state.window_begin + timeouts_.stall + milliseconds(1));
    return static_cast<int>(wait.count());
  }

 private:
  bool has_stalled(const State& state, Clock::time_point now) const {
    return state.has_connected && timeouts_.stall.count() > 0 &&
           now - state.window_begin > timeouts_.stall;
  }

  HttpTimeouts timeouts_;
  Clock::time_point begin_ = Clock::now();
};

/// While the easy handle is in the multi handle, it works; taking it out early closes the
/// connection.
class AddedHandle {
 public:
  AddedHandle(CURLM* multi, CURL* easy) : multi_(multi), easy_(easy) {
    curl_multi_add_handle(multi, easy);
  }
  ~AddedHandle() { curl_multi_remove_handle(multi_, easy_); }
  AddedHandle(const AddedHandle&) = delete;
  AddedHandle& operator=(const AddedHandle&) = delete;

 private:
  CURLM* multi_;
  CURL* easy_;
};

CURLcode perform(CURLM* multi, CURL* easy, const State& state) {
  const AddedHandle added(multi, easy);
  const Deadlines deadlines(state.exchange.timeouts);
  const std::stop_callback wake(state.exchange.request.stop, [multi] { curl_multi_wakeup(multi); });
  for (;;) {
    int n_running = 0;
    if (const CURLMcode code = curl_multi_perform(multi, &n_running); code != CURLM_OK)
      throw Error(Errc::unavailable, "{}: {}", what_failed(state.exchange),
                  curl_multi_strerror(code));
    int n_left = 0;
    if (const CURLMsg* message = curl_multi_info_read(multi, &n_left);
        message && message->msg == CURLMSG_DONE)
      return message->data.result;
    deadlines.check(state);
    curl_multi_poll(multi, nullptr, 0, deadlines.wait_ms(state), nullptr);
  }
}

/// Behind a proxy, which listens on a port of its own, nothing is known of the server's address.
AddressZone connected_zone(CURL* easy, const Url& url) {
  const char* address = nullptr;
  long port = 0;
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port);
  if (!address || port != url.effective_port()) return AddressZone::everywhere;
  return zone_of_text(address);
}

}  // namespace

ExchangeResult CurlLane::exchange(const Exchange& exchange, const HttpOptions& options) {
  CURL* easy = handles_->easy;
  State state(exchange, options);
  const std::string url = exchange.url.to_string();
  const HeaderList headers = header_list(exchange);
  curl_easy_reset(easy);
  set(easy, CURLOPT_URL, url.c_str());
  set(easy, CURLOPT_HTTPHEADER, headers.get());
  set_method(easy, exchange);
  set_connection(easy, exchange, options);
  set_callbacks(easy, state);
  const CURLcode code = perform(handles_->multi, easy, state);
  if (state.failure) std::rethrow_exception(state.failure);
  if (code != CURLE_OK && !state.reader.has_enough()) throw_curl_error(state, easy, code);
  if (!state.reader.has_enough()) state.reader.finish();
  return {state.reader.take(), connected_zone(easy, exchange.url)};
}

}  // namespace rastream
