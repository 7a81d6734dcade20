// SPDX-License-Identifier: Apache-2.0
// What may stand next in a command line, found in the CLI11 definitions of the commands.
//
// Shells ask the program (`rastream __complete WORD...`) instead of holding tables that were made
// of these definitions: which word is the value of which option is then decided once, here, and not
// in three languages; and a new program needs no new script.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace rastream {

struct Candidate {
  std::string word;
  std::string help;  ///< one sentence; may be empty
};

struct Completion {
  std::vector<Candidate> candidates;  ///< commands, options or choices that begin as the word does
  bool takes_file = false;            ///< what is typed may be a file's name
};

/// The first argument of the program that asks for a completion.
inline constexpr const char* kCompleteWord = "__complete";

/// What the last of `words` may become; those before it are what was typed behind the program's
/// name. What a validator, or a type written {a,b}, lists are the choices of a value; all other
/// text may be a file. Hidden commands and options, and options that were given and cannot be
/// given again or with one that was, are left out.
Completion complete_words(const CLI::App& app, const std::vector<std::string>& words);

/// For the scripts: "files" or "words", and a line a candidate: the word, a tab, its help.
std::string completion_text(const Completion& completion);

}  // namespace rastream
