#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Figures of the source tree: lengths of files and functions, tests, comments, includes. To be looked at, not a gate."""
import pathlib
import re
import statistics

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "rastream"


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def is_test(path):
    return path.name.endswith("_test.cpp") or "tests" in path.relative_to(ROOT).parts


def count_lines(path):
    """(code, comment) lines; blank ones count as neither."""
    code = comment = 0
    for line in path.read_text().splitlines():
        text = line.strip()
        if text.startswith("//"):
            comment += 1
        elif text:
            code += 1
    return code, comment


def function_lengths(path):
    """Lines of code of each outermost brace block that follows a parameter list."""
    lengths = []
    lines = path.read_text().splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        opens = re.search(r"\)\s*(const|noexcept|override|final|\s)*(:.*)?\{\s*$", line)
        is_function = opens and not re.match(r"\s*(if|for|while|switch|else|catch|do)\b", line) and "[" not in line.split("(")[0]
        if not is_function:
            at += 1
            continue
        depth, length = 0, 0
        while at < len(lines):
            depth += lines[at].count("{") - lines[at].count("}")
            length += bool(lines[at].strip()) and not lines[at].strip().startswith("//")
            at += 1
            if depth <= 0:
                break
        lengths.append(length)
    return lengths


def main():
    files = [p for p in sorted(SOURCE.rglob("*")) if p.suffix in (".cpp", ".h")]
    code_files = [p for p in files if not is_test(p)]
    tests = [p for p in files if is_test(p)] + sorted((ROOT / "tests").rglob("*.cpp")) + sorted((ROOT / "tests").rglob("*.h"))
    lengths = [len(p.read_text().splitlines()) for p in code_files]
    functions = [n for p in code_files for n in function_lengths(p)]
    counts = [count_lines(p) for p in code_files]
    code, comment = sum(c for c, _ in counts), sum(c for _, c in counts)
    test_code = sum(count_lines(p)[0] for p in tests)
    includes = [len(re.findall(r"^#include", p.read_text(), re.M)) for p in code_files if p.suffix == ".cpp"]
    rows = [
        ("files", len(code_files)),
        ("file lines median / p95 / max", f"{statistics.median(lengths):.0f} / {percentile(lengths, .95)} / {max(lengths)}"),
        ("functions", len(functions)),
        ("function lines median / p95", f"{statistics.median(functions):.0f} / {percentile(functions, .95)}"),
        ("functions over 60 lines", f"{100 * sum(n > 60 for n in functions) / len(functions):.1f} %"),
        ("comments", f"{100 * comment / (code + comment):.0f} %"),
        ("code lines", code),
        ("test : code", f"{test_code / code:.2f}"),
        ("includes per .cpp median / p95", f"{statistics.median(includes):.0f} / {percentile(includes, .95)}"),
    ]
    for name, value in rows:
        print(f"{name:<34} {value}")
    print("longest files:", ", ".join(f"{p.relative_to(SOURCE)} {n}" for n, p in
                                      sorted(zip(lengths, code_files), reverse=True)[:5]))


if __name__ == "__main__":
    main()
