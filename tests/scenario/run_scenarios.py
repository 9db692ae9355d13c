#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs scenario files: a command line as a user types it, and what must come of it.

usage: run_scenarios.py --takt BINARY [--update] FILE.yaml...

README.md beside this file documents the keys. With --update the exact texts (expect.stdout,
expect.stderr) are rewritten to what the program says now; `git diff` is the review.
"""

import argparse
import difflib
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import expectations  # noqa: E402  (beside this file)

RUN_KEYS = {"before", "args", "fidelity", "files", "env", "cwd", "stdin", "interrupt", "timeout",
            "memory_mib"}


class Outcome:
    """What one run of the program left behind."""

    def __init__(self, code, stdout, stderr, folder):
        self.code, self.stdout, self.stderr, self.folder = code, stdout, stderr, folder


def make_files(files, folder):
    """Creates the scenario's input files. A value is the text, or {base64: …}, {copy: path, edit…}."""
    for name, content in (files or {}).items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(content, dict):
            data = expectations.built_content(content, ROOT)
        else:
            data = content.encode()
        with open(path, "wb") as file:
            file.write(data)


def interrupted(process, how):
    """Sends the signals once standard error shows the text to wait for, and returns the output."""
    seen = b""
    limit = time.monotonic() + 60
    pattern = re.compile(how["when_stderr_matches"].encode())
    while not pattern.search(seen):
        chunk = os.read(process.stderr.fileno(), 65536)
        if not chunk or time.monotonic() > limit:
            break
        seen += chunk
    for _ in range(how.get("times", 1)):
        process.send_signal(getattr(signal, how.get("signal", "SIGINT")))
        time.sleep(0.05)
    out, rest = process.communicate(timeout=60)
    return out, seen + rest


def filled(arguments, folder):
    return [str(a).replace("${dir}", folder).replace("${root}", ROOT) for a in arguments]


def run_before(takt, steps, folder):
    """Earlier commands, which must succeed; their output is kept in the folder."""
    for step in steps:
        done = subprocess.run([takt] + filled(step["args"], folder), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=ROOT, check=False)
        if done.returncode != 0:
            raise SystemExit(f"an earlier command failed: {step['args']}\n{done.stderr.decode()}")
        with open(os.path.join(folder, step["stdout"]), "wb") as file:
            file.write(done.stdout)


def with_memory(mib):
    """What a child does first, so that it can have no more than that; None: no limit."""
    if mib is None:
        return None
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (mib << 20, mib << 20))


def run_once(takt, run, fidelity, folder):
    arguments = filled(run.get("args", []), folder)
    if fidelity:
        arguments += ["-f", fidelity]
    environment = {k: v for k, v in os.environ.items()
                   if k != "NO_COLOR" and not k.startswith("TAKT_")}
    given = run.get("env") or {}
    environment.update(LC_ALL="C.UTF-8", **dict(zip(given, filled(given.values(), folder))))
    process = subprocess.Popen(
        [takt] + arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=environment, preexec_fn=with_memory(run.get("memory_mib")),
        cwd=run.get("cwd", ROOT).replace("${dir}", folder))
    try:
        if "interrupt" in run:
            out, err = interrupted(process, run["interrupt"])
        else:
            out, err = process.communicate(timeout=run.get("timeout", 120))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return Outcome(process.returncode, out.decode("utf-8", "replace"),
                   err.decode("utf-8", "replace"), folder)


def rewrite(path, key, text):
    """Replaces the block text of `expect.<key>` in a scenario file; everything else stays."""
    with open(path, encoding="utf-8") as file:
        old = file.read()
    lines = "".join("    " + line + "\n" if line else "\n" for line in text.splitlines())
    indicator = "|2" if text.startswith(" ") else "|"
    if not text.endswith("\n"):
        indicator += "-"
    block = f"  {key}: {indicator}\n{lines}" if text else f'  {key}: ""\n'
    pattern = re.compile(rf"^  {key}:[^\n]*\n(?:(?:    [^\n]*)?\n)*(?=\S|  \S|\Z)", re.MULTILINE)
    new, count = pattern.subn(lambda _: block, old, count=1)
    if count != 1:
        raise SystemExit(f"{path}: no expect.{key} to rewrite")
    if new != old:
        with open(path, "w", encoding="utf-8") as file:
            file.write(new)
        print(f"{os.path.relpath(path, ROOT)}: expect.{key} rewritten")


def check_text(key, wanted, got, folder):
    shown = got.replace(folder, "${dir}").replace(ROOT + "/", "${root}/")
    if shown == wanted:
        return []
    diff = difflib.unified_diff(wanted.splitlines(), shown.splitlines(), "expected", "got",
                                lineterm="")
    return [f"{key} differs:\n" + "\n".join(diff)]


def run_scenario(takt, path, update):
    """All that is wrong with one scenario, as texts."""
    with open(path, encoding="utf-8") as file:
        scenario = yaml.safe_load(file)
    for key in ("name", "description", "run", "expect"):
        if key not in scenario:
            return [f"the scenario has no '{key}'"]
    unknown = (set(scenario) - {"name", "description", "run", "expect"}) | \
        (set(scenario["run"]) - RUN_KEYS) | (set(scenario["expect"]) - expectations.KEYS)
    if unknown:
        return [f"unknown keys: {', '.join(sorted(unknown))}"]
    run, expect = scenario["run"], scenario["expect"]
    failures, outcomes = [], []
    for fidelity in run.get("fidelity", [None]):
        with tempfile.TemporaryDirectory(prefix="takt-scenario-") as folder:
            make_files(run.get("files"), folder)
            run_before(takt, run.get("before", []), folder)
            outcome = run_once(takt, run, fidelity, folder)
            outcomes.append(outcome)
            found = []
            for key in ("stdout", "stderr"):
                if key not in expect:
                    continue
                got = getattr(outcome, key)
                if update:
                    rewrite(path, key, got.replace(folder, "${dir}").replace(ROOT + "/", "${root}/"))
                else:
                    found += check_text(key, expect[key], got, folder)
            found += expectations.check(expect, outcome)
            failures += [f"[{fidelity}] {f}" if fidelity else f for f in found]
            if found:
                failures.append("it said on standard error:\n" + outcome.stderr[-4000:])
    return failures + expectations.check_across(expect, outcomes)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--takt", required=True)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    bad = 0
    for path in options.files:
        failures = run_scenario(os.path.abspath(options.takt), path, options.update)
        if failures:
            bad += 1
            print(f"{os.path.relpath(path, ROOT)}: FAILED\n" + "\n".join(failures))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
