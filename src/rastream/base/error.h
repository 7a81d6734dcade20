// SPDX-License-Identifier: Apache-2.0
// The one error of rastream: a code from a closed list, a message and the places it passed through.
// Errors are values: they cross threads and processes unchanged.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace rastream {

/// The closed list of error kinds. The CLI's exit code and Python's exception follow from it.
enum class Errc {
  invalid_argument,   ///< the caller can fix it                     exit 2
  not_found,          ///< a named thing must exist                  exit 3
  permission_denied,  ///< credentials, file modes                   exit 4
  unavailable,        ///< network, full disk, node lost; retriable  exit 5
  data_loss,          ///< checksum, truncated, bad metadata         exit 6
  unsupported,        ///< valid input that is not implemented       exit 7
  internal,           ///< our bug                                   exit 70
};

/// "invalid_argument", ...
std::string_view to_string(Errc code);

/// Exit code of a command that failed with `code`.
int exit_code(Errc code);

/// A message says what failed, on what, and what was expected; `context` is added on the way up,
/// innermost first, in three places: store call, format read or write, run_task.
class Error : public std::exception {
 public:
  Error(Errc code, std::string message);
  template <typename... Args>
  requires(sizeof...(Args) > 0) Error(Errc code, fmt::format_string<Args...> format, Args&&... args)
      : Error(code, fmt::format(format, std::forward<Args>(args)...)) {}

  Errc code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::vector<std::string>& context() const { return context_; }

  /// Appends a place, such as "variable 'tmax', region [0:1, 0:584, 0:284]", and returns *this.
  Error& add_context(std::string place);

  /// The message followed by its context, on one line.
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  Errc code_;
  std::string message_;
  std::vector<std::string> context_;
  std::string what_;
};

/// Turns errno after a failed call into an Error: ENOENT is not_found, EACCES is permission_denied,
/// ENOSPC and EDQUOT are unavailable, all else is unavailable with the system's text.
Error error_from_errno(int error_number, std::string_view what, std::string_view path);

}  // namespace rastream
