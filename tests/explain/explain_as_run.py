#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Does `takt explain` explain the run that `takt run` makes?

usage: explain_as_run.py --takt BINARY FIDELITY MACHINE NETWORK BATCH

The layer explained is that of the run, key by key (cycles, ledger, mapping, energy), and so are the
run's cycles, for the first, the slowest and the last layer with products.
"""

import argparse
import json
import subprocess
import sys


def printed(takt, words):
    done = subprocess.run([takt, *words, "--json", "--quiet"], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--takt", required=True)
    parser.add_argument("fidelity")
    parser.add_argument("machine")
    parser.add_argument("network")
    parser.add_argument("batch")
    given = parser.parse_args()
    words = ["-a", given.machine, "-w", given.network, "-b", given.batch, "-f", given.fidelity]
    run = printed(given.takt, ["run", *words])
    # A network that runs in parts of the batch has each name once a part: the first is explained.
    layers = {}
    for layer in run["layers"]:
        if layer["macs"] > 0:
            layers.setdefault(layer["name"], layer)
    if not layers:
        sys.exit("no layer has products: nothing was compared")
    rows = list(layers.values())
    wrong = 0
    for layer in (rows[0], max(rows, key=lambda row: row["cycles"]), rows[-1]):
        told = printed(given.takt, ["explain", *words, "--layer", layer["name"]])
        same = told["layer"] == layer and told["total"]["cycles"] == run["total"]["cycles"]
        print(f"{layer['name']}: run {layer['cycles']:,} of {run['total']['cycles']:,} cycles, "
              f"explain {told['layer']['cycles']:,} of {told['total']['cycles']:,}"
              f"{'' if same else '  <- differ'}")
        wrong += not same
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
