# SPDX-License-Identifier: Apache-2.0
"""The scripts of rastream completion, in the shells themselves."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("RASTREAM_BUILD", HERE.parents[1] / "build/release"))
PROGRAM = Path(os.environ.get("RASTREAM", BUILD / "rastream")).resolve()
PROMPT = "ready-for-more> "
# How a shell without the user's settings begins to read lines.
START = {"bash": f"PS1='{PROMPT}'; source <(rastream completion bash)",
         "zsh": f"autoload -Uz compinit; compinit -D -u; PS1='{PROMPT}'; bindkey -e; source <(rastream completion zsh)",
         "fish": f"function fish_prompt; echo -n '{PROMPT}'; end; rastream completion fish | source"}
RUN = {"bash": ["bash", "--norc", "--noprofile"], "zsh": ["zsh", "-f"], "fish": ["fish", "--no-config"]}


def complete(*words):
    """What the program itself answers: [whether a file may stand there, candidates]."""
    done = subprocess.run([PROGRAM, "__complete", *words], check=True, capture_output=True, text=True, timeout=60)
    first, *lines = done.stdout.splitlines()
    return [first == "files", [line.split("\t")[0] for line in lines]]


@pytest.fixture
def home(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/rastream").symlink_to(PROGRAM)
    (tmp_path / "work/daymet files").mkdir(parents=True)
    (tmp_path / "work/tmin.nc").write_text("")
    return tmp_path


def environment(home):
    return os.environ | {"HOME": str(home), "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "TERM": "dumb"}


class Typist:
    """Types into a shell on a terminal; what a line became is printed by an echo that is put before it."""

    def __init__(self, shell, home):
        pid, self.terminal = pty.fork()
        if pid == 0:
            try:
                os.chdir(home / "work")
                os.execvpe(RUN[shell][0], [*RUN[shell], "-i"], environment(home))
            finally:
                os._exit(127)  # where there is no such shell, this must not go on as a second pytest
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 400, 0, 0))
        self.pid, self.seen = pid, ""
        self.type("echo begun; " + START[shell] + "\r")
        self.wait_for("begun\r\n")
        self.wait_for(PROMPT)

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def wait_for(self, text):
        end = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < end, f"no {text!r} in {self.seen!r}"
            if select.select([self.terminal], [], [], 1)[0]:
                self.seen += os.read(self.terminal, 4096).decode(errors="replace")
        before, _, self.seen = self.seen.partition(text)
        return before

    def become(self, line):
        """What `line` and a tab make."""
        self.type(line + "\t" + "'\x01printf '<%s>\\n' '" + "\r")
        made = self.wait_for(">\r\n").rpartition("<")[2]
        self.wait_for(PROMPT)
        return made.rstrip()

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_tab_completes_commands_options_choices_and_files(shell, home):
    typist = Typist(shell, home)
    try:
        assert typist.become("rastream stac desc") == "rastream stac describe"
        assert typist.become("rastream convert --overw") == "rastream convert --overwrite"
        assert typist.become("rastream dump --format cs") == "rastream dump --format csv"
        assert typist.become("rastream dump --format=cs") == "rastream dump --format=csv"
        assert typist.become("rastream info tm") == "rastream info tmin.nc"
        assert typist.become("rastream info --group x dayme") == "rastream info --group x daymet\\ files/"
        assert typist.become("rastream cp dcache://surf/x --rec") == "rastream cp dcache://surf/x --recursive"
        assert typist.become("~/bin/rastream stac desc").endswith("/bin/rastream stac describe")
    finally:
        typist.close()


def fish(home, line):
    script = f"{START['fish']}; complete -C {line!r}"
    done = subprocess.run([*RUN["fish"], "-c", script], cwd=home / "work", env=environment(home), capture_output=True, text=True, timeout=60)
    assert not done.stderr, done.stderr
    return [row.split("\t")[0] for row in done.stdout.splitlines()]


def test_fish_completes_commands_options_choices_and_files(home):
    assert fish(home, "rastream sta") == ["stac", "stage", "stat"]
    assert fish(home, "rastream stac desc") == ["describe"]
    assert fish(home, "rastream convert --overw") == ["--overwrite"]
    assert fish(home, "rastream dump --format cs") == ["csv"]
    assert fish(home, "rastream dump --format=cs") == ["--format=csv"]
    assert fish(home, "rastream info tm") == ["tmin.nc"]
    assert fish(home, "rastream convert a b --time=tm") == ["--time=tmin.nc"]
    assert fish(home, "rastream head tmin.nc --cells ") == []
    assert fish(home, "rastream info ~/wo") == ["~/work/"]
    for program in ["~/bin/rastream", "$HOME/bin/rastream"]:
        assert fish(home, program + " stac desc") == ["describe"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_read_its_script(shell, home):
    script = subprocess.run([PROGRAM, "completion", shell], check=True, capture_output=True, text=True, timeout=60).stdout
    (home / "script").write_text(script)
    subprocess.run([*RUN[shell], "-n", home / "script"], check=True, timeout=60)


def commands():
    """Every command, those below others too."""
    top = complete("")[1]
    return [[name] for name in top] + [["stac", name] for name in complete("stac", "")[1]]


def test_every_option_of_every_command_is_completed():
    assert len(commands()) > 30
    for command in commands():
        text = subprocess.run([PROGRAM, *command, "--help"], check=True, capture_output=True, text=True, timeout=60).stdout
        names = [name for flags in re.findall(r"^  (-\S+)", text.split("Options:")[1], re.M) for name in re.findall(r"--[\w-]+", flags)]
        assert complete(*command, "--") == [False, names], command


def test_a_box_in_four_words_is_one_value():
    assert complete("stac", "search", "--bbox", "1", "2", "3", "4", "") == complete("stac", "search", "--bbox", "1,2,3,4", "")
    assert complete("stac", "search", "--bbox", "1", "2", "3", "4", "")[0]


def test_a_word_that_no_command_knows_is_completed_by_nothing():
    assert complete("none", "") == complete("")  # what the program would say is for it to say
    assert complete("dump", "--none") == [False, []]
