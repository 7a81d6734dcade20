// SPDX-License-Identifier: Apache-2.0
// rastream completion: scripts that let shells ask `rastream __complete` (cli/completion.h).
#include <fmt/format.h>

#include <map>

#include "rastream/cli/command.h"

namespace rastream {
namespace {

constexpr const char* kFooter = R"(
bash   echo 'source <(rastream completion bash)' >> ~/.bashrc
zsh    echo 'source <(rastream completion zsh)' >> ~/.zshrc          behind the line with compinit
       or, as a file: rastream completion zsh > "${fpath[1]}/_rastream"
fish   rastream completion fish > ~/.config/fish/completions/rastream.fish

Then open a new shell. Commands, options and what an option may be are completed; elsewhere names of files are. The
script asks the program itself, so it stays as it is when rastream is replaced by a newer one.)";

constexpr const char* kBash = R"(# Completion of rastream for bash; see rastream completion --help
_rastream() {
  local line=${COMP_LINE:0:COMP_POINT} words=() answer=() word blanks i
  # Bash parts words at '=' and ':' too: they are joined as they stand in the line.
  for ((i = 0; i <= COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]} blanks=${line%%[![:space:]]*}
    if ((i == 0)) || [[ -n $blanks ]]; then words+=("$word"); else words[-1]+=$word; fi
    line=${line#"$blanks"} line=${line#"$word"}
  done
  local last=${COMP_WORDS[COMP_CWORD]}
  [[ $last == *[!=:]* ]] || last=
  local before=${words[-1]%"$last"}
  # The line has the program as it was typed: "~/bin/rastream" is found, "$HOME/bin/rastream" is not.
  local program=${words[0]/#\~/$HOME}
  type -P "$program" >/dev/null || program=rastream
  mapfile -t answer < <("$program" __complete "${words[@]:1}" 2>/dev/null)
  COMPREPLY=()
  for word in "${answer[@]:1}"; do
    word=${word%%$'\t'*}
    COMPREPLY+=("${word#"$before"}")
  done
  # Without candidates this makes Bash complete names of files.
  if [[ ${answer[0]} == files ]]; then compopt -o default 2>/dev/null; fi
}
complete -F _rastream rastream
)";

constexpr const char* kZsh = R"(#compdef rastream
# Completion of rastream for zsh; see rastream completion --help
_rastream() {
  local -a answer described
  local line word program=${~${(Q)words[1]}}
  (( $+commands[$program] )) || [[ -x $program ]] || program=rastream
  answer=("${(@f)$("$program" __complete "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  if [[ $answer[1] == files ]]; then
    compset -P '--*='
    _files
    return
  fi
  for line in "${(@)answer[2,-1]}"; do
    word=${${line%%$'\t'*}//:/\\:}
    line=${line#*$'\t'}
    described+=("$word${line:+:$line}")
  done
  _describe rastream described
}
# Read from $fpath this file is the function's body.
if [[ $funcstack[1] == _rastream ]]; then _rastream "$@"; else compdef _rastream rastream; fi
)";

constexpr const char* kFish = R"(# Completion of rastream for fish; see rastream completion --help
function __rastream_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    command -q $program; or set program rastream
    set -e words[1]
    set -l answer ($program __complete $words "$current" 2>/dev/null)
    if test "$answer[1]" = files
        set -l option (string match -r -- '^--[^=]*=' "$current")
        for path in (complete -C "'' "(string replace -- "$option" '' "$current"))
            echo "$option$path"
        end
        return
    end
    set -e answer[1]
    string join \n -- $answer
end
complete -c rastream -f -a '(__rastream_complete)'
)";

std::function<int()> set_up(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  app.description("Prints a script that lets a shell complete commands and options of rastream.");
  app.footer(kFooter);
  app.add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  return [shell] {
    const std::map<std::string, const char*> scripts = {
        {"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}};
    fmt::print("{}", scripts.at(*shell));
    return 0;
  };
}

}  // namespace

Command make_completion_command() {
  return {"completion", "Print a script that completes commands in a shell", &set_up};
}

}  // namespace rastream
