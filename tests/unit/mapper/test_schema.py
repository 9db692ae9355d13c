#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The schema of mapping files takes what is printed (sample.yaml) and refuses what the reader does.

usage: test_schema.py ROOT
"""

import copy
import json
import os
import sys

import jsonschema
import yaml

# Each change to the sample makes a file that the reader refuses.
SPOILT = {
    "no layers": lambda f: f.pop("layers"),
    "no part of the batch": lambda f: f.update(batch_parts=0),
    "another place on chip": lambda f: f["on_chip"].update(weights=[]),
    "a tensor in words": lambda f: f["on_chip"].update(shared="input"),
    "another key": lambda f: f.update(layer=[]),
    "another key of a layer": lambda f: f["layers"][0].update(order="pixels"),
    "no name": lambda f: f["layers"][0].pop("name"),
    "no unit": lambda f: f["layers"][1].pop("unit"),
    "no tile": lambda f: f["layers"][2].pop("tile"),
    "no extent": lambda f: f["layers"][0]["tile"].pop("q"),
    "an extent of 0": lambda f: f["layers"][0]["tile"].update(q=0),
    "an extent in words": lambda f: f["layers"][0]["tile"].update(q="all"),
    "no slot": lambda f: f["layers"][0]["slots"].update(input=0),
    "an input slot of vector work": lambda f: f["layers"][2]["slots"].update(input=2),
    "groups of vector work": lambda f: f["layers"][2].update(groups_a_pass=2),
    "no group in a pass": lambda f: f["layers"][3].update(groups_a_pass=0),
    "an order of vector work": lambda f: f["layers"][2].update(outer="pixels"),
    "a cut by nothing known": lambda f: f["layers"][1]["cut"].update(by="pixels"),
    "a cut into how many": lambda f: f["layers"][1]["cut"].pop("parts"),
}


def main():
    root = sys.argv[1]
    with open(os.path.join(root, "configs", "schema", "mapping.json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    with open(os.path.join(root, "tests/unit/mapper/sample.yaml"), encoding="utf-8") as file:
        sample = yaml.safe_load(file)
    failures = [f"sample.yaml: {error.message}" for error in validator.iter_errors(sample)]
    for name, spoil in SPOILT.items():
        spoilt = copy.deepcopy(sample)
        spoil(spoilt)
        if validator.is_valid(spoilt):
            failures.append(f"{name}: passes")
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
