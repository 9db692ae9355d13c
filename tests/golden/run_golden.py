#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Did any number move? Runs the cases of cases.yaml and compares their records byte for byte.

usage: run_golden.py --takt BINARY [--update] [CASE...]

A golden is the record without `takt {…}` (version and commit). With --update the goldens are
rewritten; `git diff` is the review.
"""

import argparse
import json
import os
import re
import subprocess
import sys

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHOWN = 40


def record_of(takt, arguments):
    """The record's text without `takt`, or an error."""
    process = subprocess.run([takt, "run", "--json", "--progress", "off"] + arguments, cwd=ROOT,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if process.returncode != 0:
        return None, f"exit code {process.returncode}\n{process.stderr}"
    # Only the text may be cut: reading and writing the numbers again would change their form.
    text, count = re.subn(r'^  "takt": \{\n(?:    .*\n)*  \},\n', "", process.stdout, flags=re.M)
    return (text, None) if count == 1 else (None, "the record has no `takt` to leave out")


def flat(value, path=""):
    """Every number and text of a document, by path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            name = item.get("name", i) if isinstance(item, dict) else i
            yield from flat(item, f"{path}[{i}:{name}]" if name != i else f"{path}[{i}]")
    else:
        yield path, value


def differences(old, new):
    """What moved, by how much, totals first."""
    old, new = dict(flat(old)), dict(flat(new))
    lines = []
    for path in sorted(old.keys() | new.keys(), key=lambda p: not p.startswith("total")):
        a, b = old.get(path, "absent"), new.get(path, "absent")
        if a == b:
            continue
        numbers = all(isinstance(x, (int, float)) for x in (a, b)) and a != 0
        change = f" ({(b - a) / abs(a) * 100:+.2f} %)" if numbers else ""
        lines.append(f"  {path}: {a} -> {b}{change}")
    more = [f"  … and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return lines[:SHOWN] + more


def run_case(takt, name, arguments, update):
    text, error = record_of(takt, [str(a) for a in arguments])
    if error:
        return [error]
    path = os.path.join(HERE, "records", name + ".json")
    old = None
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            old = file.read()
    if old == text:
        return []
    lines = differences(json.loads(old), json.loads(text)) if old else ["  there is no golden yet"]
    if not update:
        return lines or ["  the same numbers in another form or order"]
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    print(f"{name}: rewritten\n" + "\n".join(lines))
    return []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--takt", required=True)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    with open(os.path.join(HERE, "cases.yaml"), encoding="utf-8") as file:
        cases = yaml.safe_load(file)
    bad = [n for n in options.names if n not in cases]
    if bad:
        sys.exit(f"no such case: {', '.join(bad)}")
    failed = 0
    for name in options.names or cases:
        found = run_case(os.path.abspath(options.takt), name, cases[name], options.update)
        if found:
            failed = 1
            print(f"{name}: the record moved; if that is right, `scripts/golden` rewrites it\n"
                  + "\n".join(found))
    return failed


if __name__ == "__main__":
    sys.exit(main())
