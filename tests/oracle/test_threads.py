# SPDX-License-Identifier: Apache-2.0
"""The cells do not depend on threads, executor, memory or optimizer rules, and memory stays under the printed bound."""
import re
import subprocess
import sys

import pytest

UNIT = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


@pytest.fixture(scope="module")
def command(made_catalog):
    return ["spring-index", "--catalog", made_catalog, "--item", "na-1980", "--chunk", 60]


def chunk_bytes(store):
    """Every stored file but the manifest, whose name of the run may differ."""
    return {str(p.relative_to(store)): p.read_bytes() for p in sorted(store.rglob("*")) if p.is_file() and ".rastream" not in p.parts}


@pytest.fixture(scope="module")
def stored(rastream, command, tmp_path_factory):
    """Runs with more arguments and returns the bytes of all files."""

    def run(*more):
        out = tmp_path_factory.mktemp("out") / "spring.zarr"
        result = rastream(*command, "--out", out, "--quiet", *more)
        assert result.code == 0, result.err
        return chunk_bytes(out)

    return run


@pytest.fixture(scope="module")
def undisturbed(stored):
    chunks = stored("--threads", 2)
    assert len([name for name in chunks if "first-leaf" in name]) > 4 * 20
    return chunks


@pytest.mark.parametrize("more", [["--threads", 1], ["--threads", 4], ["--executor", "serial"], ["--memory", "512MiB"],
                                  ["--memory", "200MiB", "--threads", 1], ["--memory", "160MiB"], ["--threads", 3, "--memory", "300MiB"]],
                         ids=lambda more: " ".join(map(str, more)))
def test_every_stored_byte_is_the_same(more, stored, undisturbed):
    assert stored(*more) == undisturbed


def rules(rastream, command):
    """The names that the program itself lists when a rule is unknown."""
    result = rastream(*command, "--explain", "--disable-rule", "no-such-rule")
    assert result.code == 2
    return result.err.split("there are ")[1].strip().split(", ")


def test_no_rule_changes_a_byte(rastream, command, stored, undisturbed):
    names = rules(rastream, command)
    assert len(names) >= 4
    for name in names:
        assert stored("--disable-rule", name) == undisturbed, name
    assert stored("--disable-rule", ",".join(names)) == undisturbed


def bytes_of(text):
    number, unit = re.search(r"([\d.]+) ([KMG]?i?B)", text).groups()
    return float(number) * UNIT[unit]


def bound_of(rastream, command, *more):
    """The memory that --explain prints, in bytes; None when the plan is refused."""
    result = rastream(*command, "--explain", *more)
    if result.code == 2:
        return None
    assert result.code == 0, result.err
    return bytes_of(re.search(r"^memory +at most ([\d.]+ \w+)", result.out, re.MULTILINE).group(1))


def smallest_accepted(rastream, command):
    """In MiB, by bisection."""
    low, high = 1, 512
    while high - low > 4:
        middle = (low + high) // 2
        low, high = (low, middle) if bound_of(rastream, command, "--memory", f"{middle}MiB") else (middle, high)
    return high


# A child's peak begins with what its parent held when it was started, so a small parent starts it.
MEASURE = """import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024)"""


def peak_of(program, arguments):
    """Largest resident memory of a run, in bytes, as the kernel counts it."""
    command = [sys.executable, "-S", "-c", MEASURE, str(program), *map(str, arguments)]
    code, peak = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-2:]
    assert code == "0"
    return int(peak)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_peak_memory_stays_under_the_bound_that_explain_prints(threads, rastream, program, command, tmp_path):
    for memory in (512, smallest_accepted(rastream, [*command, "--threads", threads])):
        more = ["--memory", f"{memory}MiB", "--threads", threads]
        bound = bound_of(rastream, command, *more)
        assert bound <= memory * UNIT["MiB"] * 1.001
        assert peak_of(program, [*command, *more, "--quiet", "--out", tmp_path / f"{memory}.zarr"]) <= bound


def test_explain_writes_nothing(rastream, command, tmp_path):
    result = rastream(*command, "--explain", "--out", tmp_path / "none.zarr")
    assert result.code == 0 and "tasks" in result.out
    assert not list(tmp_path.iterdir())
