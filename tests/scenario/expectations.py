# SPDX-License-Identifier: Apache-2.0
"""What a scenario may expect, one function a key; README.md documents them."""

import base64
import json
import os
import re

KEYS = {"exit", "stdout", "stderr", "stdout_contains", "stderr_contains", "stdout_matches",
        "stderr_matches", "stdout_lacks", "stdout_is", "json", "ledger", "sums", "files", "no_files",
        "same_across_fidelities", "not_below_analytic"}


def built_content(spec, root):
    """Bytes of an input file that is not plain text: base64, or a copy that is then damaged."""
    if "base64" in spec:
        data = bytearray(base64.b64decode(spec["base64"]))
    else:
        with open(spec["copy"].replace("${root}", root), "rb") as file:
            data = bytearray(file.read())
    if "truncate" in spec:
        del data[spec["truncate"]:]
    for bit in spec.get("flip_bits", []):
        data[bit // 8] ^= 1 << (bit % 8)
    return bytes(data)


def at_path(document, path):
    """`layers.0.name` in nested maps and lists; a unit's name may hold dots: `units.(dram.ch0).x`."""
    for key in re.findall(r"\([^)]*\)|[^.]+", path):
        key = key.strip("()")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def close(a, b):
    return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))


def check_ledger(record):
    """Every ledger sums to its cycles, times the matrix units where it is of all of them."""
    found = []
    total = record["total"]
    units = [u for name, u in record["units"].items() if "matrix" in name]
    for where, cycles, ledger in \
            [("total", total["cycles"] * len(units), total["ledger"])] + \
            [(f"layer {l['name']}", l["cycles"] * len(units), l["ledger"]) for l in record["layers"]] + \
            [(f"unit {n}", total["cycles"], u["ledger"]) for n, u in record["units"].items()
             if "ledger" in u]:
        if sum(ledger.values()) != cycles:
            found.append(f"ledger of {where}: sums to {sum(ledger.values())}, not {cycles}")
    for account in total["ledger"]:
        of_units = sum(u["ledger"][account] for u in units)
        of_layers = sum(l["ledger"][account] for l in record["layers"])
        if not of_units == of_layers == total["ledger"][account]:
            found.append(f"{account}: units {of_units}, layers {of_layers}, "
                         f"total {total['ledger'][account]}")
    return found


def check_sums(record):
    """Layers sum to the total: counts exactly, energies up to rounding."""
    found = []
    total, layers = record["total"], record["layers"]
    for key in ("cycles", "macs", "macs_executed", "vector_macs", "dram_read_bytes",
                "dram_write_bytes", "host_read_bytes", "host_write_bytes"):
        # What no layer has is absent, and then of the total too.
        of_layers = sum(l.get(key, 0) for l in layers)
        if of_layers != total.get(key, 0):
            found.append(f"{key}: layers sum to {of_layers}, not {total.get(key, 0)}")
    for key, value in total["energy_pj"].items():
        if not close(sum(l["energy_pj"].get(key, 0) for l in layers), value):
            found.append(f"energy_pj.{key}: layers do not sum to the total")
    parts = sum(v for k, v in total["energy_pj"].items() if k != "total")
    if not close(parts, total["energy_pj"]["total"]):
        found.append("energy_pj.total is not the sum of its parts")
    return found


def check_json(wanted, document):
    found = []
    for path, value in wanted.items():
        try:
            got = at_path(document, path)
        except (KeyError, IndexError, ValueError, TypeError):
            if value != "absent":
                found.append(f"{path}: absent, expected {value!r}")
            continue
        if isinstance(value, dict) and ("min" in value or "max" in value):
            if not value.get("min", got) <= got <= value.get("max", got):
                found.append(f"{path}: {got!r} is not within {value}")
        elif value == "present":
            continue
        elif value == "absent":
            found.append(f"{path}: is there, expected to be absent")
        elif type(got) is not type(value) and not {type(got), type(value)} <= {int, float}:
            found.append(f"{path}: {got!r}, expected {value!r}")
        elif not (close(got, value) if isinstance(value, float) else got == value):
            found.append(f"{path}: {got!r}, expected {value!r}")
    return found


def check_files(expect, folder):
    found = []
    for name in expect.get("files", []):
        path = os.path.join(folder, name)
        if not os.path.isfile(path) or os.path.getsize(path) == 0:
            found.append(f"file {name} is missing or empty")
        elif name.endswith(".json"):
            with open(path, encoding="utf-8") as file:
                json.load(file)
    for name in expect.get("no_files", []):
        if os.path.lexists(os.path.join(folder, name)):
            found.append(f"{name} is there, but should not be")
    return found


def check(expect, outcome):
    """All that one run got wrong; the exact texts are the caller's."""
    found = []
    if outcome.code != expect.get("exit", 0):
        found.append(f"exit code {outcome.code}, expected {expect.get('exit', 0)}")
    for stream in ("stdout", "stderr"):
        text = getattr(outcome, stream)
        for part in expect.get(stream + "_contains", []):
            if part not in text:
                found.append(f"{stream} lacks {part!r}")
        if stream + "_matches" in expect and not re.search(expect[stream + "_matches"], text):
            found.append(f"{stream} does not match {expect[stream + '_matches']!r}")
    for part in expect.get("stdout_lacks", []):
        if part in outcome.stdout:
            found.append(f"stdout holds {part!r}")
    if "stdout_is" in expect:
        with open(os.path.join(outcome.folder, expect["stdout_is"]), encoding="utf-8") as file:
            if file.read() != outcome.stdout:
                found.append(f"stdout is not what {expect['stdout_is']} holds")
    found += check_files(expect, outcome.folder)
    if any(k in expect for k in ("json", "ledger", "sums")):
        try:
            document = json.loads(outcome.stdout)
        except ValueError as error:
            return found + [f"stdout is not JSON: {error}"]
        found += check_json(expect.get("json", {}), document)
        if expect.get("ledger") == "balanced":
            found += check_ledger(document)
        if expect.get("sums"):
            found += check_sums(document)
    return found


def check_across(expect, outcomes):
    """What must hold between the runs at different fidelities."""
    found = []
    if not any(k in expect for k in ("same_across_fidelities", "not_below_analytic")):
        return found
    try:
        records = [json.loads(o.stdout) for o in outcomes]
    except ValueError:
        return ["a run's stdout is not JSON"]
    for path in expect.get("same_across_fidelities", []):
        values = [at_path(r, path) for r in records]
        if any(v != values[0] for v in values):
            found.append(f"{path} differs across fidelities: {values}")
    if expect.get("not_below_analytic"):
        cycles = {r["fidelity"]: r["total"]["cycles"] for r in records}
        if cycles["transaction"] < cycles["analytic"]:
            found.append(f"transaction is below analytic: {cycles}")
    return found
