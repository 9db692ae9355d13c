#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every network in workloads/ passes its schema, and unknown keys do not.

usage: test_schema.py ROOT
"""

import glob
import json
import os
import sys

import jsonschema
import yaml


def lists_of_layers(network):
    yield network["layers"]
    for block in network.get("blocks", {}).values():
        yield block["layers"]


def main():
    root = sys.argv[1]
    with open(os.path.join(root, "configs/schema/workload.json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    paths = sorted(glob.glob(os.path.join(root, "workloads", "*.yaml")))
    failures = [] if len(paths) >= 19 else [f"only {len(paths)} networks found"]
    seen = set()  # layers of the same keys
    for path in paths:
        name = os.path.basename(path)
        with open(path, encoding="utf-8") as file:
            network = yaml.safe_load(file)
        failures += [f"{name}: {list(e.path)}: {e.message}" for e in validator.iter_errors(network)]
        if validator.is_valid(dict(network, no_such_key=1)):
            failures.append(f"{name}: an unknown key passes")
        for layers in lists_of_layers(network):
            for layer in layers:
                if "op" not in layer or tuple(sorted(layer)) + (layer["op"],) in seen:
                    continue
                seen.add(tuple(sorted(layer)) + (layer["op"],))
                for spoilt in (dict(layer, no_such_key=1), dict(layer, op="no_such_layer")):
                    if validator.is_valid({"inputs": network["inputs"], "layers": [spoilt]}):
                        failures.append(f"{name}: {spoilt} passes")
    print("\n".join(failures))
    print(f"{len(paths)} networks checked")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
