// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/error.h"

#include <cerrno>
#include <system_error>

namespace rastream {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return "invalid_argument";
    case Errc::not_found: return "not_found";
    case Errc::permission_denied: return "permission_denied";
    case Errc::unavailable: return "unavailable";
    case Errc::data_loss: return "data_loss";
    case Errc::unsupported: return "unsupported";
    case Errc::internal: break;
  }
  return "internal";
}

int exit_code(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return 2;
    case Errc::not_found: return 3;
    case Errc::permission_denied: return 4;
    case Errc::unavailable: return 5;
    case Errc::data_loss: return 6;
    case Errc::unsupported: return 7;
    case Errc::internal: break;
  }
  return 70;
}

Error::Error(Errc code, std::string message)
    : code_(code), message_(std::move(message)), what_(message_) {}

Error& Error::add_context(std::string place) {
  what_ += " (" + place + ")";
  context_.push_back(std::move(place));
  return *this;
}

Error error_from_errno(int error_number, std::string_view what, std::string_view path) {
  const std::string reason = std::generic_category().message(error_number);
  switch (error_number) {
    case ENOENT:
    case ENOTDIR: return Error(Errc::not_found, "{}: {} '{}'", what, reason, path);
    case EACCES:
    case EPERM:
    case EROFS: return Error(Errc::permission_denied, "{}: {} '{}'", what, reason, path);
    case ENAMETOOLONG:
    case EISDIR:
    case EINVAL: return Error(Errc::invalid_argument, "{}: {} '{}'", what, reason, path);
    case ENOSPC:
    case EDQUOT: return Error(Errc::unavailable, "{} '{}': disk full", what, path);
    default: return Error(Errc::unavailable, "{}: {} '{}'", what, reason, path);
  }
}

}  // namespace rastream
