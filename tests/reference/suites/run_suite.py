#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""run_suite.py --takt BINARY SUITE...: are the bounds of these suites kept?

Prints every entry's figures. Exits 77 if the data of one is not there, and says where it is expected.
"""

import json
import subprocess
import sys

SKIPPED = 77


def main(arguments):
    takt, suites = arguments[1], arguments[2:]
    result = subprocess.run([takt, "validate", *suites, "--json"], check=False,
                            stdout=subprocess.PIPE)
    if result.returncode not in (0, 1):
        return 1
    failed = skipped = False
    for entry in json.loads(result.stdout)["suites"]:
        print(f"{entry['name']}: {entry['status']} {json.dumps(entry['summary'])}")
        for line in entry.get("misses", []):
            print(f"  {line}")
        if entry["status"] == "not_run":
            print(f"  {entry['not_run']}")
        failed |= entry["status"] == "missed"
        skipped |= entry["status"] == "not_run"
    return 1 if failed else SKIPPED if skipped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
