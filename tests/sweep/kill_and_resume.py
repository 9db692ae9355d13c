#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a sweep of 200 points with SIGKILL, again and again, and resumes it: is any result lost?

usage: kill_and_resume.py --takt BINARY [--jobs N] [--kills N] [--seed N]

After each kill the last line of a shard is cut short, as a machine that loses power would leave it.
Then `resume` must run exactly the points without a whole line, and in the end results.csv must be
byte for byte that of a sweep that nobody disturbed.
"""

import argparse
import glob
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SWEEP = os.path.join(ROOT, "configs", "sweeps", "gemm_shapes.yaml")
POINTS = 200
WAIT_S = 300


def read(path):
    with open(path, "rb") as file:
        return file.read()


def command(options, verb, folder, *more):
    return [options.takt, "sweep", verb, SWEEP, "-o", folder, "-j", str(options.jobs), *more]


def whole_lines(folder):
    """Ids of all whole result lines of all shards, in any order."""
    ids = []
    for path in glob.glob(os.path.join(folder, "shards", "*.jsonl")):
        *lines, _ = read(path).split(b"\n")  # what follows the last line's end is no line
        for line in lines:
            try:
                ids.append(json.loads(line)["id"])
            except (ValueError, KeyError, TypeError):
                pass  # two halves of lines that were written on top of each other
    return ids


def kill_in_the_middle(arguments, folder, chance):
    """Starts a sweep and kills it some random results later. False if it was done by then."""
    before = len(whole_lines(folder))
    wanted = before + chance.randint(1, 50)
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        limit = time.monotonic() + WAIT_S
        while process.poll() is None and len(whole_lines(folder)) < wanted:
            if time.monotonic() > limit:
                break
            time.sleep(0.001)
        time.sleep(chance.random() * 0.01)
        ended = process.poll()
        process.kill()
        process.wait()
        if ended not in (None, 0):
            raise SystemExit(f"{arguments} ended with {ended}:\n{process.stderr.read().decode()}")
        return ended is None


def cut_last_line(folder, chance):
    """Takes some bytes off the end of a shard of the last session."""
    shards = sorted(glob.glob(os.path.join(folder, "shards", "*.jsonl")), key=os.path.getmtime)
    if not shards:
        return 0
    data = read(shards[-1])
    last = len(data.rstrip(b"\n").split(b"\n")[-1])
    cut = chance.randint(1, max(1, last))
    with open(shards[-1], "r+b") as file:
        file.truncate(max(0, len(data) - cut))
    return cut


def check_database(folder):
    with sqlite3.connect(os.path.join(folder, "results.sqlite")) as database:
        rows = database.execute(
            'SELECT point, cycles, energy_pj, "core.matrix.rows" FROM points ORDER BY point').fetchall()
    if len(rows) != POINTS or any(not isinstance(v, (int, float)) for row in rows for v in row):
        raise SystemExit(f"results.sqlite: {len(rows)} rows, the first {rows[:1]}")


def resume(options, folder, missing):
    """Runs the rest; it must be exactly what is missing."""
    done = subprocess.run(command(options, "resume", folder, "--json"), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, timeout=WAIT_S)
    if done.returncode != 0:
        raise SystemExit(f"resume ended with {done.returncode}:\n{done.stderr.decode()}")
    said = json.loads(done.stdout)
    if said["ran"] != missing or said["done"] != POINTS:
        raise SystemExit(f"{missing} points had no result, but resume says {said}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--takt", required=True)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10 ** 6))
    options = parser.parse_args()
    options.takt = os.path.abspath(options.takt)
    print(f"seed {options.seed}")
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="takt-sweep-") as top:
        calm, killed = os.path.join(top, "calm"), os.path.join(top, "killed")
        subprocess.run(command(options, "run", calm, "--quiet"), check=True, timeout=WAIT_S)
        expected = read(os.path.join(calm, "results.csv"))
        if expected.count(b"\n") != POINTS + 1:
            raise SystemExit("the undisturbed sweep has not all points")
        check_database(calm)
        verb, kills = "run", 0
        for _ in range(options.kills):
            if not kill_in_the_middle(command(options, verb, killed), killed, chance):
                break
            kills += 1
            verb = "resume"
            cut = cut_last_line(killed, chance)
            print(f"killed with {len(set(whole_lines(killed)))} of {POINTS} points done, "
                  f"{cut} bytes cut")
        if kills < 2:
            raise SystemExit(f"only {kills} kills came in time")
        resume(options, killed, POINTS - len(set(whole_lines(killed))))
        ids = whole_lines(killed)
        if len(ids) != len(set(ids)):
            raise SystemExit(f"{len(ids) - len(set(ids))} points were run twice")
        if read(os.path.join(killed, "results.csv")) != expected:
            raise SystemExit("results.csv differs from that of the undisturbed sweep")
        check_database(killed)
        for name in ("points.jsonl", "sweep.yaml"):
            if read(os.path.join(killed, name)) != read(os.path.join(calm, name)):
                raise SystemExit(f"{name} differs")
        print(f"{kills} kills, and the same {len(expected)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
