# SPDX-License-Identifier: Apache-2.0
"""A run that is killed or interrupted leaves nothing that reads as whole, and the same command finishes it, byte for byte."""
import os
import shutil
import signal
import subprocess
import time

import pytest

LIMIT_S = 120


def files_of(store):
    return {str(p.relative_to(store)): p.read_bytes() for p in sorted(store.rglob("*")) if p.is_file()}


def n_staged(out):
    """Chunks that an unfinished run has recorded in its journal."""
    return sum(journal.read_bytes().count(b"\n") for journal in out.glob(".*partial/journal"))


@pytest.fixture(scope="module")
def arguments(made_catalog):
    return ["spring-index", "--catalog", made_catalog, "--item", "na-1980", "--chunk", 50, "--threads", 1, "--memory", "256MiB"]


@pytest.fixture(scope="module")
def undisturbed(rastream, arguments, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed") / "spring.zarr"
    assert rastream(*arguments, "--out", out, "--quiet").code == 0
    return out


@pytest.fixture
def start(program, arguments, tmp_path):
    """Starts a run that is stopped for certain before the test ends."""
    running = []

    def run(out, *more):
        child = subprocess.Popen([str(a) for a in (program, *arguments, "--out", out, "--quiet", *more)],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        running.append(child)
        return child

    yield run
    for child in running:
        if child.poll() is None:
            child.kill()
        child.communicate()


def wait_until(condition, child):
    """True when the condition held while the program ran; gives up loudly after LIMIT_S."""
    limit = time.monotonic() + LIMIT_S
    while time.monotonic() < limit:
        if condition():
            return True
        if child.poll() is not None:
            return False
    pytest.fail(f"nothing came about within {LIMIT_S} s")


def check_same_as_undisturbed(rastream, arguments, out, undisturbed):
    result = rastream(*arguments, "--out", out, "--quiet")
    assert result.code == 0, result.err
    assert files_of(out) == files_of(undisturbed)
    assert rastream("verify", out).code == 0


@pytest.mark.parametrize("n_chunks", [0, 1, 9, 60, 150])
def test_a_killed_run_goes_on_to_the_same_bytes(n_chunks, start, rastream, arguments, undisturbed, tmp_path):
    out = tmp_path / "spring.zarr"
    child = start(out)
    assert wait_until(lambda: n_staged(out) >= n_chunks and list(out.glob(".*partial")), child)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert not (out / "1980").exists() and not (out / ".zgroup").exists()
    assert n_staged(out) >= n_chunks
    check_same_as_undisturbed(rastream, arguments, out, undisturbed)


def test_a_run_killed_again_and_again_ends_at_the_same_bytes(start, rastream, arguments, undisturbed, tmp_path):
    out = tmp_path / "spring.zarr"
    for _ in range(6):
        child = start(out)
        done = n_staged(out)
        if not wait_until(lambda: n_staged(out) >= done + 10, child):
            break
        child.kill()
        child.wait()
        assert n_staged(out) >= done, "a finished chunk was lost"
    check_same_as_undisturbed(rastream, arguments, out, undisturbed)


def test_what_is_staged_is_not_computed_again(start, rastream, arguments, undisturbed, tmp_path):
    out = tmp_path / "spring.zarr"
    child = start(out)
    assert wait_until(lambda: n_staged(out) >= 60, child)
    child.kill()
    child.wait()
    staged = {p: p.stat().st_mtime_ns for p in out.glob(".*partial/data/first-*/*") if not p.name.startswith(".")}
    assert len(staged) >= 20
    assert rastream(*arguments, "--out", out, "--quiet").code == 0
    kept = [p for p, made in staged.items() if (out / "1980" / p.parent.name / p.name).stat().st_mtime_ns == made]
    assert len(kept) > len(staged) / 2


def test_another_command_does_not_take_over_what_was_staged(start, rastream, arguments, tmp_path):
    out, alone = tmp_path / "spring.zarr", tmp_path / "alone.zarr"
    child = start(out)
    assert wait_until(lambda: n_staged(out) >= 20, child)
    child.kill()
    child.wait()
    for path in (out, alone):
        assert rastream(*arguments, "--days", 200, "--out", path, "--quiet").code == 0
    assert files_of(out) == files_of(alone)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_so_and_goes_on(number, start, rastream, arguments, undisturbed, tmp_path):
    out = tmp_path / "spring.zarr"
    child = start(out)
    assert wait_until(lambda: n_staged(out) >= 9, child)
    child.send_signal(number)
    _, err = child.communicate(timeout=LIMIT_S)
    assert child.returncode == 130
    assert "interrupted" in err
    assert not (out / "1980").exists()
    check_same_as_undisturbed(rastream, arguments, out, undisturbed)


def test_overwriting_keeps_the_old_data_until_the_new_is_whole(start, rastream, undisturbed, tmp_path):
    out = tmp_path / "spring.zarr"
    shutil.copytree(undisturbed, out)
    before = files_of(out)
    child = start(out, "--overwrite", "--days", 250)
    assert wait_until(lambda: n_staged(out) >= 20, child)
    child.kill()
    child.wait()
    assert {name: cells for name, cells in files_of(out).items() if not name.startswith(".1980.")} == before


@pytest.fixture
def copy(undisturbed, tmp_path):
    out = tmp_path / "copy.zarr"
    shutil.copytree(undisturbed, out)
    return out


@pytest.fixture
def a_chunk(copy):
    return max((p for p in (copy / "1980/first-leaf").iterdir() if not p.name.startswith(".")), key=lambda p: p.stat().st_size)


def problems(rastream, store):
    result = rastream("verify", store)
    assert result.code == 6, result.out
    return result.out.splitlines()[:-1]


def test_a_whole_store_verifies(rastream, copy):
    result = rastream("verify", copy)
    assert result.code == 0 and "all as written" in result.out


def test_verify_names_a_flipped_bit(rastream, copy, a_chunk):
    cells = bytearray(a_chunk.read_bytes())
    cells[len(cells) // 2] ^= 1
    a_chunk.write_bytes(cells)
    line, = problems(rastream, copy)
    assert "first-leaf" in line and a_chunk.name in line and "changed" in line


def test_verify_names_a_lost_chunk(rastream, copy, a_chunk):
    a_chunk.unlink()
    line, = problems(rastream, copy)
    assert "first-leaf" in line and a_chunk.name in line and "lost" in line


def test_verify_names_a_truncated_chunk(rastream, copy, a_chunk):
    os.truncate(a_chunk, a_chunk.stat().st_size - 1)
    line, = problems(rastream, copy)
    assert a_chunk.name in line and "truncated" in line


@pytest.mark.parametrize("name", ["99.0.0", "0.0.99", "notes.txt"])
def test_verify_names_a_file_too_many(rastream, copy, a_chunk, name):
    (a_chunk.parent / name).write_bytes(b"what is this")
    line, = problems(rastream, copy)
    assert name in line


def test_verify_names_changed_metadata(rastream, copy, a_chunk):
    path = a_chunk.parent / ".zarray"
    path.write_text(path.read_text().replace("NaN", "0.0"))
    assert any("first-leaf" in line for line in problems(rastream, copy))


def test_verify_names_a_damaged_manifest(rastream, copy):
    path = copy / "1980/.rastream/manifest.json"
    path.write_bytes(path.read_bytes().replace(b"first-leaf", b"first-lead"))
    assert any("manifest" in line for line in problems(rastream, copy))


def test_a_damaged_chunk_is_never_read_as_missing_cells(rastream, copy, a_chunk, tmp_path):
    a_chunk.unlink()
    result = rastream("plot", copy, "--group", "1980", "--variable", "first-leaf", "--facet", "plant", "--out", tmp_path / "a.png")
    assert result.code == 6 and "lost" in result.err
    assert not (tmp_path / "a.png").exists()


def test_verify_of_a_store_without_a_manifest_says_so(rastream, copy, tmp_path):
    shutil.rmtree(copy / "1980/.rastream")
    result = rastream("verify", copy)
    assert result.code == 0 and "without a manifest a lost chunk reads as fill values" in result.out
    result = rastream("verify", tmp_path / "absent.zarr")
    assert result.code == 3 and "absent.zarr" in result.err
