#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who may know whom: reads every #include and compares it with the tables below.

usage: scripts/check_layers.py [ROOT]

A tier is a folder: sim/<tier>, models/common, models/<backend>. Prints
`file:line: tier 'x' must not include 'y'` and exits 1 if an edge is not in the table. CMake links
only what is allowed, but headers alone need no linking: hence a test.
"""

import os
import re
import sys

from lib.sources import CXX, ROOT, project_files, read

# Each tier with all that it may include beside itself. The list is whole, nothing is inherited:
# what a tier may see can be read off its line.
TIERS = {
    "base":       "",
    "config":     "base",
    "ir":         "base",
    "workload":   "base config ir",
    "machine":    "base",
    "stats":      "base",
    "program":    "base machine ir stats",
    "energy":     "base config machine stats",
    "engine":     "base machine ir program stats",
    "mapper":     "base machine ir program stats engine config",  # config: mapping files
    "backend":    "base machine ir program stats engine mapper",
    "functional": "base machine ir program stats",
    "reference":  "base machine ir program stats functional",
    "kernel":     "base machine ir program stats engine",
    "report":     "base stats machine ir program engine",  # what an engine counted, spans
    "validate":   "ALL_OF_SIM",
    "sweep":      "ALL_OF_SIM",
    "app":        "ALL_OF_SIM MODELS",
    "models/common":    "base machine ir program stats engine",
    "models/<backend>": "base machine ir program stats engine mapper backend models/common",
    "models":           "base backend MODELS",  # models/*.cpp: the list of backends
}

# What files of a tier may include beyond its line, by file name.
EXTRA = {
    "machine":          {r"_spec[._]": "config"},
    "models/common":    {r"_spec\.": "config", r"_(tlm|cycle)\.": "kernel",
                         r"^cycle_": "functional"},  # fidelity `cycle` computes values
    "models/<backend>": {r"_spec\.": "config", r"_(tlm|cycle)\.": "kernel"},
}

# Where <systemc> and <tlm> may stand.
SYSTEMC_ALLOWED = [r"sim/kernel/", r"models/.*_(tlm|cycle)\.\w+$", r"tests/(component|fidelity)/"]

# Where it may not be reached through other headers either: the rules that are tested without it.
SYSTEMC_FREE = [
    r"sim/(?!kernel/|app/|validate/|sweep/)",
    r"models/.*_(core|timing|spec|machine|lower|stats)\.\w+$",
    r"tests/unit/",
]

SYSTEMC_HEADER = re.compile(r"(systemc|tlm)(\.h)?$|(sysc|tlm_core|tlm_utils)/")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(<[^>\n]+>|"[^"\n]+")', re.MULTILINE)
SIM = [t for t in TIERS if "/" not in t and t not in ("app", "models")]


def tier_of(path):
    """The tier of a path, or None outside sim/ and models/."""
    parts = path.split("/")
    if parts[0] == "sim" and len(parts) > 2:
        return parts[1]
    if parts[0] == "models":
        return "models" if len(parts) == 2 else "models/" + parts[1]
    return None


def line_of(tier):
    """A tier's key in the table: backends share one line."""
    return "models/<backend>" if tier.startswith("models/") and tier != "models/common" else tier


def may_include(path, target):
    """May the file at path include a file of the tier target?"""
    tier = tier_of(path)
    key = line_of(tier)
    allowed = TIERS[key].split()
    for pattern, tiers in EXTRA.get(key, {}).items():
        if re.search(pattern, os.path.basename(path)):
            allowed += tiers.split()
    return (target == tier or target in allowed
            or ("ALL_OF_SIM" in allowed and target in SIM)
            or ("MODELS" in allowed and target.startswith("models")))


def includes_of(text):
    """(line number, name, is it quoted?) of every #include."""
    for match in INCLUDE.finditer(text):
        name = match.group(1)
        yield text.count("\n", 0, match.start()) + 1, name[1:-1], name[0] == '"'


def matches(patterns, path):
    return any(re.match(p, path) for p in patterns)


class Tree:
    """The #include graph of the project's own files."""

    def __init__(self, root):
        names = [n for n in project_files(root) if n.endswith(CXX)]
        self.includes = {n: list(includes_of(read(n, root))) for n in names}
        self.systemc_way = {}

    def resolve(self, path, name):
        """The project file that an #include of path means, or None."""
        beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
        return next((p for p in (name, beside) if p in self.includes), None)

    def way_to_systemc(self, path):
        """The chain of names from path's first #include to SystemC's header, or None."""
        if path not in self.systemc_way:
            self.systemc_way[path] = None  # stops at circles
            for _, name, quoted in self.includes[path]:
                if SYSTEMC_HEADER.match(name):
                    self.systemc_way[path] = [f"<{name}>"]
                    break
                target = self.resolve(path, name) if quoted else None
                way = self.way_to_systemc(target) if target else None
                if way:
                    self.systemc_way[path] = [target] + way
                    break
        return self.systemc_way[path]


def check(root):
    """All violations, as lines to print."""
    tree = Tree(root)
    found = []
    for path, includes in tree.includes.items():
        tier = tier_of(path)
        if tier and line_of(tier) not in TIERS:
            found.append(f"{path}:1: tier '{tier}' is not in the table of scripts/check_layers.py")
            continue
        for line, name, quoted in includes:
            if SYSTEMC_HEADER.match(name):
                if not matches(SYSTEMC_ALLOWED, path):
                    found.append(f"{path}:{line}: tier '{tier or path}' must not include 'systemc'")
                continue
            if not quoted:
                continue
            target = tree.resolve(path, name) or name
            target_tier = tier_of(target)
            if tier and target_tier and not may_include(path, target_tier):
                found.append(f"{path}:{line}: tier '{tier}' must not include '{target_tier}' ({name})")
            way = tree.way_to_systemc(target) if target in tree.includes else None
            if way and matches(SYSTEMC_FREE, path) and not matches(SYSTEMC_ALLOWED, path):
                found.append(f"{path}:{line}: tier '{tier or path}' must not include 'systemc', "
                             f"not through {' -> '.join([target] + way)} either")
    return found


def main(arguments):
    found = check(os.path.abspath(arguments[0]) if arguments else ROOT)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
