# SPDX-License-Identifier: Apache-2.0
"""A convert that is killed at any moment leaves nothing, or all, under the final name; the same command then ends at the bytes of
a run that nobody disturbed.
"""
import random
import signal
import subprocess

import numpy as np
import pytest
import zarr

N_KILLS = 6
LIMIT_S = 120
KINDS = {"out.zarr": ["--codec", "zstd:9"], "shards.zarr": ["--zarr-format", "3", "--shards", "time=-1,y=128,x=-1"],
         "out.nc": ["--codec", "deflate:6"], "out.tif": []}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "in.zarr"
    group = zarr.open_group(path, mode="w", zarr_format=2)
    noise = np.random.default_rng(1).normal(size=(24, 256, 384)).astype("f4")
    for name, cells, dims, chunks in (("x", np.arange(384.0), ["x"], (384,)), ("y", -np.arange(256.0), ["y"], (256,)),
                                      ("v", np.round(noise, 2), ["time", "y", "x"], (1, 256, 384))):
        array = group.create_array(name, shape=cells.shape, dtype=cells.dtype, chunks=chunks, fill_value=None,
                                   attributes={"_ARRAY_DIMENSIONS": dims})
        array[...] = cells
    return path


def arguments(source, out):
    chunks = [] if out.suffix == ".tif" else ["--chunks", "time=12,y=64,x=96"]
    return ["convert", source, out, "--threads", 1, "--no-verify", *chunks, *KINDS[out.name]]


def content(path):
    """Every byte under a name."""
    if path.is_file():
        return path.read_bytes()
    return {str(p.relative_to(path)): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module", params=KINDS)
def undisturbed(request, rastream, source, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed") / request.param
    result = rastream(*arguments(source, out))
    assert result.code == 0, result.err
    return out


def run_and_kill(program, source, out, n_lines, delay_s):
    """Kills the program some time after its n-th line of progress; returns its exit code."""
    child = subprocess.Popen([str(a) for a in (program, *arguments(source, out))], stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(n_lines):
            if not child.stderr.readline():
                break
        try:
            child.wait(timeout=delay_s)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
    finally:
        child.kill()
        child.communicate(timeout=LIMIT_S)
    assert child.returncode in (0, -signal.SIGKILL)
    return child.returncode


def check_nothing_or_all(out, undisturbed):
    if out.exists():
        assert content(out) == content(undisturbed)


def finish(rastream, source, out, undisturbed):
    was_whole = out.exists()
    result = rastream(*arguments(source, out), limit_s=LIMIT_S)
    assert result.code == 0 or (was_whole and "exists" in result.err), result.err
    assert content(out) == content(undisturbed)
    assert rastream("verify", out, "--quiet").code == 0
    assert [p.name for p in out.parent.iterdir()] == [out.name], "something was left behind"


@pytest.mark.parametrize("seed", range(N_KILLS))
def test_a_killed_convert_leaves_nothing_or_all_and_goes_on(seed, undisturbed, program, rastream, source, tmp_path):
    random_moment = random.Random(f"{undisturbed.name} {seed}")
    out = tmp_path / undisturbed.name
    # The lines of progress are tenths; after the last one the file is put together and renamed.
    n_lines = [0, 2, 5, 8, 10, 10][seed]
    run_and_kill(program, source, out, n_lines, random_moment.uniform(0.001, 0.03))
    check_nothing_or_all(out, undisturbed)
    finish(rastream, source, out, undisturbed)


def test_a_convert_that_is_killed_again_and_again_arrives(undisturbed, program, rastream, source, tmp_path):
    random_moment = random.Random(undisturbed.name)
    out = tmp_path / undisturbed.name
    n_killed = 0
    for _ in range(6):
        code = run_and_kill(program, source, out, random_moment.randint(1, 4), random_moment.uniform(0, 0.01))
        check_nothing_or_all(out, undisturbed)
        if out.exists():
            break
        n_killed += code != 0
    assert n_killed > 0
    finish(rastream, source, out, undisturbed)


@pytest.mark.parametrize("name", ["out.zarr", "out.nc"])
def test_what_was_stored_is_not_stored_again(name, program, rastream, source, tmp_path):
    for n_lines in (9, 7, 5, 3):  # a fast machine may be done before the signal comes
        out = tmp_path / str(n_lines) / name
        out.parent.mkdir()
        run_and_kill(program, source, out, n_lines, 0)
        if not out.exists():
            break
    assert not out.exists()
    result = rastream(*arguments(source, out))
    assert result.code == 0, result.err
    written, unit = result.out.split("; written ")[1].split(",")[0].split()
    assert unit in ("B", "KiB") or float(written) < 0.9 * 24 * 256 * 384 * 4 / 2**20
