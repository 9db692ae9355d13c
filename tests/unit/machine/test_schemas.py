#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every machine, part and sweep in configs/ passes its schema, and no unknown key does.

usage: test_schemas.py ROOT
"""

import copy
import glob
import json
import os
import sys

import jsonschema
import yaml


def load_schema(root, name):
    with open(os.path.join(root, "configs", "schema", name + ".json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    return schema


def maps_of(tree, path=()):
    """The path of every map in a tree."""
    if isinstance(tree, dict):
        yield path
        for key, value in tree.items():
            yield from maps_of(value, path + (key,))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from maps_of(value, path + (index,))


def is_open(path):
    """Maps whose keys are names: paths of sources, DRAM families, parameters."""
    return path and path[-1] in ("sources", "dram", "dram_bit", "parameters")


def check(name, tree, validator, complain):
    for error in validator.iter_errors(tree):
        complain(f"{name}: {'.'.join(map(str, error.path))}: {error.message}")
    for path in maps_of(tree):
        if is_open(path):
            continue
        spoilt = copy.deepcopy(tree)
        place = spoilt
        for step in path:
            place = place[step]
        place["no_such_key"] = 1
        if validator.is_valid(spoilt):
            complain(f"{name}: an unknown key under '{'.'.join(map(str, path))}' passes")


def check_refused_sweeps(path, validator, complain):
    """What `takt sweep` refuses, an editor does too."""
    with open(path, encoding="utf-8") as file:
        sweep = yaml.safe_load(file)
    for key, value in (("fidelity", "cycle"), ("search", {"method": "random"}),
                       ("search", {"method": "nsga2"}), ("search", {"method": "grid", "seed": 1}),
                       ("parameters", dict(sweep["parameters"], fidelity=["cycle"]))):
        if validator.is_valid(dict(sweep, **{key: value})):
            complain(f"sweep.json: '{key}: {value}' passes, which no sweep may hold")


def main():
    root = sys.argv[1]
    arch, energy, sweep = (load_schema(root, n) for n in ("arch", "energy", "sweep"))
    dram = dict(arch["definitions"]["dram"], definitions=arch["definitions"])
    failures = []
    if {k: v for k, v in energy.items() if k not in ("$schema", "title")} != (
            arch["definitions"]["energy"]):
        failures.append("energy.json and the energy table in arch.json differ")
    checked = 0
    for pattern, schema in (("*.yaml", arch), ("parts/*.yaml", arch),
                            ("parts/dram/*.yaml", dram), ("parts/energy/*.yaml", energy),
                            ("sweeps/*.yaml", sweep)):
        validator = jsonschema.Draft7Validator(schema)
        for path in sorted(glob.glob(os.path.join(root, "configs", pattern))):
            with open(path, encoding="utf-8") as file:
                check(os.path.relpath(path, root), yaml.safe_load(file), validator,
                      failures.append)
            checked += 1
    check_refused_sweeps(sorted(glob.glob(os.path.join(root, "configs", "sweeps", "*.yaml")))[0],
                         jsonschema.Draft7Validator(sweep), failures.append)
    if checked < 10:
        failures.append(f"only {checked} files found")
    for failure in failures:
        print(failure)
    print(f"{checked} files checked")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
