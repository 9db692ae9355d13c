#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Does every network run on every machine, with books that balance?

usage: run_matrix.py --takt BINARY run [--fidelity F] MACHINE NETWORK
       run_matrix.py --takt BINARY convert MACHINE NETWORK
       run_matrix.py --takt BINARY exported run|convert [FOLDER]

run       at each fidelity (or the one given): exit code 0, every ledger and every sum right,
          transaction not below analytic.
convert   written as YAML and read again, the record is the same but for names and hashes; as a
          SCALE-Sim topology it has the same MACs, and written again it is the same text.
exported  the same of every ONNX file in FOLDER (default build/onnx) on npu_128; skipped if
          there is none. A file that takt refuses by name of an operator (exit code 4) is said.
"""

import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "scenario"))
import expectations  # noqa: E402  (the books are the scenarios')

FIDELITIES = ("analytic", "transaction")


class Failure(Exception):
    """What went wrong, in words."""


class Refused(Exception):
    """An operator or form that takt does not support, by name."""


def takt(binary, *arguments):
    process = subprocess.run([binary, *arguments], cwd=ROOT, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, check=False)
    if process.returncode == 4:
        raise Refused(process.stderr.strip())
    if process.returncode != 0:
        raise Failure(f"takt {' '.join(arguments)}: exit code {process.returncode}\n"
                      + process.stderr.strip())
    return process.stdout


def record(binary, machine, network, fidelity, *more):
    return json.loads(takt(binary, "run", "-a", machine, "-w", network, "-f", fidelity, "--json",
                           "--progress", "off", *more))


def run(binary, machine, network, fidelities=FIDELITIES, sizes=()):
    """What is wrong with the books, if anything."""
    cycles = {}
    found = []
    for fidelity in fidelities:
        one = record(binary, machine, network, fidelity, *sizes)
        cycles[fidelity] = one["total"]["cycles"]
        found += [f"{fidelity}: {what}" for what in
                  expectations.check_ledger(one) + expectations.check_sums(one)]
        if one["total"]["cycles"] <= 0 or not one["layers"]:
            found.append(f"{fidelity}: nothing happened")
    if cycles.get("transaction", 0) < cycles.get("analytic", 0) and len(cycles) > 1:
        found.append(f"transaction is below analytic: {cycles}")
    return found


def unnamed(one):
    """A record without what a conversion may change: names, hashes, and what counts by them."""
    del one["takt"], one["workload"]
    for layer in one["layers"]:
        for key in ("name", "fused"):
            layer.pop(key, None)
    return one


def convert(binary, machine, network, sizes=("-b", "1")):
    """At batch 1: the mapper tries parts of a larger one, which numbers in a file do not follow."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        yaml, csv, again = (os.path.join(folder, n) for n in ("a.yaml", "a.csv", "b.csv"))
        takt(binary, "convert", network, "--to", "yaml", "-o", yaml, *sizes)
        before = record(binary, machine, network, "analytic", *sizes)
        after = record(binary, machine, yaml, "analytic")
        if unnamed(before) != unnamed(after):
            found.append("read back from YAML the record differs: " + difference(before, after))
        takt(binary, "convert", network, "--to", "scalesim", "-o", csv, "--quiet", *sizes)
        takt(binary, "convert", csv, "--to", "scalesim", "-o", again)
        if read(csv) != read(again):
            found.append("the topology changes when it is written again")
        macs = record(binary, machine, csv, "analytic")["total"]["macs"]
        if macs != before["total"]["macs"]:
            found.append(f"the topology has {macs} MACs, the network {before['total']['macs']}")
        layers = takt(binary, "convert", network, "--to", "layers", *sizes)
        rows = [line.split() for line in layers.splitlines()[1:]]
        if sum(row_macs(row) for row in rows if row[0] == "matrix") != before["total"]["macs"]:
            found.append("the list of layers has other MACs than the network")
    return found


def row_macs(row):
    """MACs of a `matrix` line: keys and numbers alternate behind its four words."""
    keys = dict(zip(row[4::2], row[5::2]))
    macs = 1
    for key in "gnpqorsc":
        macs *= int(keys[key])
    return macs


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def difference(a, b, path=""):
    """The first place at which two documents differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys()):
            if a.get(key) != b.get(key):
                return difference(a.get(key), b.get(key), f"{path}.{key}")
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            if x != y:
                return difference(x, y, f"{path}[{i}]")
    if isinstance(a, list) and isinstance(b, list):
        return f"{path} has {len(a)} entries, then {len(b)}"
    return f"{path} is {a!r}, then {b!r}"


def sizes_of(folder):
    """Options for the open dimensions of each network, as the exporter noted them in MACS.txt."""
    options = {}
    path = os.path.join(folder, "MACS.txt")
    for line in read(path).splitlines() if os.path.exists(path) else []:
        name, _, *sizes = line.split()
        options[name] = [word for size in sizes for word in
                         (("-b", size[6:]) if size.startswith("batch=") else ("--dim", size))]
    return options


def exported(binary, what, folder):
    files = sorted(glob.glob(os.path.join(folder, "*.onnx")))
    if not files:
        print(f"skipped: {folder} holds no networks; scripts/export_onnx all makes them")
        return []
    found = []
    check = {"run": run, "convert": convert}[what]
    options = sizes_of(folder)
    for path in files:
        name = os.path.basename(path)
        try:
            wrong = check(binary, "npu_128", path, sizes=options.get(name[:-5], []))
        except Refused as refused:
            print(f"{name}: refused: {refused}")
            continue
        except Failure as failure:
            wrong = [str(failure)]
        print(f"{name}: {'ok' if not wrong else 'FAILED'}", flush=True)
        found += [f"{name}: {line}" for line in wrong]
    return found


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\n")[0])
    parser.add_argument("--takt", required=True)
    parser.add_argument("--fidelity", choices=FIDELITIES)
    parser.add_argument("what", choices=("run", "convert", "exported"))
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    binary = os.path.abspath(options.takt)
    try:
        if options.what == "exported":
            folder = (options.names + [os.path.join(ROOT, "build", "onnx")])[1]
            found = exported(binary, options.names[0], folder)
        else:
            machine, network = options.names
            if options.what == "convert":
                found = convert(binary, machine, network)
            else:
                fidelities = (options.fidelity,) if options.fidelity else FIDELITIES
                found = run(binary, machine, network, fidelities)
    except (Failure, Refused) as problem:
        found = [str(problem)]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
