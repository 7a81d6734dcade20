# SPDX-License-Identifier: Apache-2.0
"""Transcripts: what a user types and sees.

NAME.test holds commands, `$ rastream ...`, each followed by all that it prints on stdout and stderr; `[2]` is its exit code
where that is not 0. `...` stands for any text, alone on a line for any lines; runs of blanks are equal and empty lines are nothing. Commands of a file run
one after the other in a new folder, in which `demo` holds Hawaii as make-daymet makes it.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("RASTREAM_BUILD", HERE.parents[1] / "build/release"))
PROGRAM = Path(os.environ.get("RASTREAM", BUILD / "rastream")).resolve()


def parse(text):
    """[(command, expected lines, exit code)]"""
    commands = []
    for line in text.splitlines():
        if line.startswith("$ "):
            commands.append([line[2:], [], 0])
        elif re.fullmatch(r"\[\d+\]", line):
            commands[-1][2] = int(line[1:-1])
        elif commands:
            commands[-1][1].append(line)
    return commands


def squeezed(line):
    return " ".join(line.split())


def pattern(lines):
    """A regular expression for the whole output, whose lines end in a newline each."""
    out = ""
    for line in lines:
        if not line.strip():
            continue
        if line.strip() == "...":
            out += r"(?:.*\n)*"
        else:
            out += "[^\\n]*".join(re.escape(part) for part in squeezed(line).split("...")) + r"\n"
    return out


def run(command, folder):
    environment = os.environ | {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=120)
    return done.stdout, done.returncode


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "demo"
    subprocess.run([PROGRAM, "make-daymet", folder, "--region", "hi", "--stride", "8"], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("path", sorted(HERE.glob("*.test")), ids=lambda path: path.stem)
def test_the_program_prints_what_the_transcript_says(path, demo, tmp_path):
    shutil.copytree(demo, tmp_path / "demo")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/rastream").symlink_to(PROGRAM)
    commands = parse(path.read_text())
    assert commands
    for command, expected, code in commands:
        output, got_code = run(command, tmp_path)
        got = "".join(squeezed(line) + "\n" for line in output.splitlines() if line.strip())
        assert re.fullmatch(pattern(expected), got), f"$ {command}\n{output}\nexpected\n" + "\n".join(expected)
        assert got_code == code, f"$ {command}\n{output}"


def test_the_matching_of_transcripts_can_fail():
    assert re.fullmatch(pattern(["a  b ... d", "..."]), "a b c d\n")
    assert re.fullmatch(pattern(["a", "...", "z"]), "a\nm\nn\nz\n")
    assert not re.fullmatch(pattern(["a ... d"]), "a b c\n")
    assert not re.fullmatch(pattern(["a"]), "a\nb\n")
    assert parse("comment\n$ one\nout\n[2]\n\n$ two\n") == [["one", ["out", ""], 2], ["two", [], 0]]
