// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/completion.h"

#include <algorithm>
#include <string_view>

namespace rastream {
namespace {

struct Named {
  const CLI::Option* option = nullptr;
  int n_values = 0;  ///< that stand in the same word: 0 or 1
};

/// The option that `word` names: "--name", "--name=value", "-n", "-nvalue", or the last of "-abn".
Named named_option(const CLI::App& app, const std::string& word) {
  const auto equals = word.find('=');
  if (word.starts_with("--"))
    return {app.get_option_no_throw(word.substr(0, equals)), equals == std::string::npos ? 0 : 1};
  const CLI::Option* option = nullptr;
  for (std::size_t i = 1; i < word.size(); ++i) {
    option = app.get_option_no_throw({'-', word[i]});
    if (option == nullptr) break;
    if (option->get_items_expected_max() > 0) return {option, i + 1 < word.size() ? 1 : 0};
  }
  return {option, 0};
}

const CLI::App* find_command(const CLI::App& app, std::string_view name) {
  const auto found =
      app.get_subcommands([&](const CLI::App* command) { return command->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

/// What the words before the last one say, by CLI11's rules.
class Line {
 public:
  explicit Line(const CLI::App& app) : app_(&app) {}

  void take(const std::string& word) {
    if (n_needed_ > 0) return take_value();
    if (!is_past_options_ && word == "--") {
      is_past_options_ = true;
      option_ = nullptr;
    } else if (const Named named = may_be_option(word) ? named_option(*app_, word) : Named();
               named.option != nullptr) {
      begin(named);
    } else if (option_ != nullptr) {
      take_value();
    } else if (const CLI::App* command = find_command(*app_, word)) {
      *this = Line(*command);
    } else if (!may_be_option(word)) {
      ++n_positional_values_;
    }
  }

  const CLI::App& app() const { return *app_; }
  bool may_be_option(std::string_view word) const {
    return !is_past_options_ && word.starts_with('-');
  }
  /// The option that the next word must, or may, be a value of.
  const CLI::Option* needing() const { return n_needed_ > 0 ? option_ : nullptr; }
  const CLI::Option* taking() const { return option_; }
  const CLI::Option* positional() const {
    int n = n_positional_values_;
    for (const CLI::Option* option : app_->get_options()) {
      if (!option->get_positional()) continue;
      if (n < option->get_items_expected_max()) return option;
      n -= option->get_items_expected_max();
    }
    return nullptr;
  }
  bool may_give(const CLI::Option* option) const {
    const auto was_given = [&](const CLI::Option* other) {
      return std::find(given_.begin(), given_.end(), other) != given_.end();
    };
    const auto excluded = option->get_excludes();
    return !(was_given(option) && option->get_items_expected_max() <= 1) &&
           std::none_of(excluded.begin(), excluded.end(), was_given);
  }

 private:
  void begin(const Named& named) {
    given_.push_back(named.option);
    n_needed_ = named.option->get_items_expected_min() - named.n_values;
    n_left_ = named.option->get_items_expected_max() - named.n_values;
    option_ = n_left_ > 0 ? named.option : nullptr;
  }
  void take_value() {
    --n_needed_;
    if (--n_left_ <= 0) option_ = nullptr;
  }

  const CLI::App* app_;
  const CLI::Option* option_ = nullptr;  ///< that goes on taking values
  int n_needed_ = 0;
  int n_left_ = 0;
  int n_positional_values_ = 0;
  bool is_past_options_ = false;
  std::vector<const CLI::Option*> given_;
};

std::string first_sentence(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  text.resize(std::min(text.size(), text.find(". ")));
  while (text.ends_with('.') || text.ends_with(' ')) text.pop_back();
  return text;
}

/// a and b of the type "TEXT:{a,b}".
std::vector<std::string> choices_of(const std::string& type) {
  const auto begin = type.find('{');
  const auto end = type.find('}', begin);
  if (end == std::string::npos) return {};
  return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

class Answer {
 public:
  explicit Answer(std::string_view typed) : typed_(typed) {}

  void add(const std::string& word, std::string help = "") {
    if (word.starts_with(typed_)) found_.candidates.push_back({word, std::move(help)});
  }
  void add_commands(const CLI::App& app) {
    for (const CLI::App* command : app.get_subcommands({}))
      if (!command->get_group().empty())
        add(command->get_name(), first_sentence(command->get_description()));
  }
  void add_options(const Line& line) {
    for (const CLI::Option* option : line.app().get_options()) {
      if (option->get_group().empty() || !line.may_give(option)) continue;
      const std::string help = first_sentence(option->get_description());
      for (const std::string& name : option->get_lnames()) add("--" + name, help);
      if (!option->get_lnames().empty()) continue;
      for (const std::string& name : option->get_snames()) add("-" + name, help);
    }
  }
  /// `before` is what of the word stands before the value.
  void add_values(const CLI::Option* option, const std::string& before = "") {
    if (option == nullptr) return;
    const std::string type = option->get_type_name();
    for (const std::string& choice : choices_of(type)) add(before + choice);
    found_.takes_file = type.empty() || type == "TEXT";
  }
  Completion take() { return std::move(found_); }

 private:
  std::string_view typed_;
  Completion found_;
};

}  // namespace

Completion complete_words(const CLI::App& app, const std::vector<std::string>& words) {
  const std::string typed = words.empty() ? "" : words.back();
  Line line(app);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) line.take(words[i]);

  Answer answer(typed);
  const auto equals = typed.find('=');
  if (line.needing() != nullptr) {
    answer.add_values(line.needing());
  } else if (line.may_be_option(typed) && equals != std::string::npos) {
    answer.add_values(named_option(line.app(), typed).option, typed.substr(0, equals + 1));
  } else if (line.may_be_option(typed)) {
    answer.add_options(line);
  } else if (line.taking() != nullptr) {
    answer.add_values(line.taking());
  } else if (!line.app().get_subcommands({}).empty()) {
    answer.add_commands(line.app());
  } else {
    answer.add_values(line.positional());
  }
  return answer.take();
}

std::string completion_text(const Completion& completion) {
  std::string out = completion.takes_file ? "files\n" : "words\n";
  for (const Candidate& candidate : completion.candidates)
    out += candidate.word + "\t" + candidate.help + "\n";
  return out;
}

}  // namespace rastream
