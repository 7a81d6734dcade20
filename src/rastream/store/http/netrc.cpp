// SPDX-License-Identifier: Apache-2.0
// The file that ftp made and curl and others read: machine, login, password.
#include <string_view>

#include "rastream/base/error.h"
#include "rastream/store/http/credentials.h"
#include "rastream/store/http/private_file.h"

namespace rastream {
namespace {

/// Words between blanks; a "quoted word" with \" and \\; comments from '#' to the line's end.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  /// Nothing at the end.
  std::optional<std::string> next() {
    skip_blanks();
    if (at_ >= text_.size()) return std::nullopt;
    if (text_[at_] == '"') return quoted();
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n", at_), text_.size());
    std::string word(text_.substr(at_, end - at_));
    at_ = end;
    return word;
  }

  /// A macro is all up to the next empty line.
  void skip_macro() {
    const std::size_t end = text_.find("\n\n", at_);
    at_ = end == text_.npos ? text_.size() : end + 2;
  }

 private:
  void skip_blanks() {
    for (;;) {
      at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
      if (at_ >= text_.size() || text_[at_] != '#') return;
      at_ = std::min(text_.find('\n', at_), text_.size());
    }
  }

  std::string quoted() {
    std::string word;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      word += text_[at_];
    }
    at_ = std::min(at_ + 1, text_.size());
    return word;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

struct Machine {
  std::string name;
  std::string login;
  std::string password;
};

/// `default` is left out: a password for whichever server asks is no rule that one can trust.
void add_machine(const Machine& machine, const std::filesystem::path& path,
                 Credentials& credentials) {
  if (machine.name.empty() || machine.password.empty()) return;
  Credential c;
  c.kind = Credential::Kind::basic;
  c.username = machine.login;
  c.secret = Secret(machine.password);
  c.source = path.native();
  credentials.add("https://" + machine.name + "/", std::move(c));
}

}  // namespace

void add_netrc(const std::filesystem::path& path, Credentials& credentials) {
  const std::string text = read_private_file(path);
  Words words(text);
  Machine machine;
  while (const auto word = words.next()) {
    if (*word == "machine" || *word == "default") {
      add_machine(machine, path, credentials);
      machine = {};
      if (*word == "machine") machine.name = words.next().value_or("");
    } else if (*word == "login") {
      machine.login = words.next().value_or("");
    } else if (*word == "password") {
      machine.password = words.next().value_or("");
    } else if (*word == "account") {
      words.next();
    } else if (*word == "macdef") {
      words.skip_macro();
    } else {
      throw Error(Errc::data_loss, "'{}': expected machine, default, login, password or macdef",
                  path.native());
    }
  }
  add_machine(machine, path, credentials);
}

}  // namespace rastream
