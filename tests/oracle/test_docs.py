# SPDX-License-Identifier: Apache-2.0
"""Every test that a page of docs names is there, and what it links to.

Looked at are the columns "test", "proving test" and "proved by" of tables, and whatever else looks like a test's name. Understood
are `Suite.Name`, `Suite`, `Prefix/Suite.Name/Parameter`, `Suite/Parameter`, `Name` (of a suite that was named before), `test_x.py`,
`test_x.py::test_y`, `test_y`, `x_test.cpp`, `tests/cli/x.test` and `x_fuzz`; `*` and `...` stand for any text.
"""
import fnmatch
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(str(page.relative_to(ROOT)) for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
SPAN = re.compile(r"`([^`]+)`")
# What is taken for a test's name outside of such columns.
TEST_LIKE = re.compile(r"[A-Z]\w+\.(\*|[A-Z]\w+)\*?|test_\w+(\.py)?(::\w+)?|tests/(oracle|cli)/\S+")
KINDS_OF_FILES = ("src/**/*_test.cpp", "tests/**/*.py", "tests/**/*.test", "tests/**/*.h", "tests/**/*.cpp")


@cache
def cpp_tests():
    """Suite.Name of each."""
    sources = [path for folder in ("src", "tests") for path in ROOT.glob(folder + "/**/*") if path.suffix in (".cpp", ".h")]
    return {f"{suite}.{name}" for path in sources
            for suite, name in re.findall(r"\b(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", path.read_text())}


@cache
def python_tests():
    return {f"{path.name}::{name}" for path in ROOT.glob("tests/**/*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)}


@cache
def files():
    return {str(path.relative_to(ROOT)) for kind in KINDS_OF_FILES for path in ROOT.glob(kind)}


def braces(text):
    """a{b,c}d is abd and acd."""
    inner = re.search(r"\{([^{}]*)\}", text)
    if not inner:
        return [text]
    return [form for part in inner[1].split(",") for form in braces(text[: inner.start()] + part + text[inner.end():])]


def is_there(name):
    pattern = name.replace("...", "*").lstrip(".")
    instantiated = re.fullmatch(r"(?:[A-Z]\w*/)?([A-Z]\w*\.[\w*]+)(?:/[\w*]+)?|([A-Z]\w*)/[\w*]+", pattern)
    pattern = instantiated[1] or instantiated[2] if instantiated else pattern

    def any_of(names, *patterns):
        return any(p in names for p in patterns) or any(fnmatch.filter(names, p) for p in patterns)

    return (any_of(cpp_tests(), pattern, "*." + pattern, pattern + ".*") or
            any_of(python_tests(), pattern, "*::" + pattern) or
            any_of(files(), pattern, "*/" + pattern, "*/" + pattern + ".cpp"))


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def named_tests(text):
    """[(number of the line, name)]"""
    named, columns, lines = [], [], text.splitlines()
    for number, line in enumerate(lines, 1):
        if not line.startswith("|"):
            columns = []
        elif number < len(lines) and re.fullmatch(r"[|\-: ]+", lines[number]):
            columns = [i for i, head in enumerate(cells(line)) if re.match(r"((proving )?tests?|proved by)\b", head)]
        proving = " ".join(cell for i, cell in enumerate(cells(line)) if i in columns) if columns else ""
        sure = set(SPAN.findall(proving)) | set(re.findall(r"(?<![\w/`])(?:tests/)?[\w/{},]*\.(?:py|test)\b(?:::\w+)?", SPAN.sub("", proving)))
        likely = {span for span in SPAN.findall(line) if TEST_LIKE.fullmatch(span)}
        named += [(number, form) for name in sorted(sure | likely) for form in braces(name)]
    return named


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_page_names_is_there(page):
    absent = [f"{page}:{number}: {name}" for number, name in named_tests((ROOT / page).read_text()) if not is_there(name)]
    assert not absent, "no such tests:\n" + "\n".join(absent)


def anchors(page):
    """What the headings of a page are called in links to it."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_pages_leads_somewhere(page):
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", (ROOT / page).read_text(), flags=re.M | re.S)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    assert not broken, f"{page}: these lead nowhere: {broken}"


def test_absent_tests_are_found_absent():
    page = "| a | proving test |\n|---|---|\n| `kept` | `NoSuite.*`, `test_docs.py::test_none`, `NoName`; tests/cli/{help,none}.test |\n\n`NoSuite.None`"
    assert [name for _, name in named_tests(page) if not is_there(name)] == [
        "NoName", "NoSuite.*", "test_docs.py::test_none", "tests/cli/none.test", "NoSuite.None"]
    assert len(cpp_tests()) > 1000 and len(python_tests()) > 100
