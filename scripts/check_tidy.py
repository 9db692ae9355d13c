#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Is the form still clean? Line lengths, left-overs, licences, names of errors, model READMEs.

usage: scripts/check_tidy.py [--update] [ROOT]

Sizes are a ratchet: files and functions that are too long are counted, and tests/tidy/ratchet.txt
holds how many of them there may be. More fail; fewer ask to lower the number, which --update does.
Everything else must hold everywhere. Prints `file:line: what` and exits 1 if anything is wrong.
"""

import os
import re
import sys

from lib.sources import CXX, ROOT, project_files, read

LINE_MAX = 100       # .clang-format and .editorconfig say the same
FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 70
RATCHET = "tests/tidy/ratchet.txt"
ERRORS = "docs/errors.md"

SCRIPTS = (".py", ".sh", ".cmake", ".ts", ".tsx", ".js", ".mjs", ".css")
# In two halves each, so that this file does not hold them.
BANNED = re.compile(r"\b(" + "|".join(["TO" "DO", "FIX" "ME", "X" "XX", "HA" "CK"]) + r")\b")
README_HEADINGS = ["What it is", "Scope and limitations", "Parameters", "Equations", "Statistics",
                   "Validation", "References"]


def is_source(name, root):
    """Code of any language we write, also scripts without an ending."""
    if name.endswith(CXX + SCRIPTS) or os.path.basename(name) == "CMakeLists.txt":
        return True
    if "." in os.path.basename(name):
        return False
    with open(os.path.join(root, name), "rb") as file:
        return file.read(2) == b"#!"


def blank_out(text):
    """C++ text with comments, literals and preprocessor lines as blanks: only lines and braces stay."""
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/'
        r'|R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'
        r'|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'"  # a digit before it: 1'000
        r"|^[ \t]*#(?:\\\n|[^\n])*", re.DOTALL | re.MULTILINE)
    return token.sub(lambda m: "\n" * m.group().count("\n"), text)


def functions(text):
    """(first line, number of lines) of each function body: an outermost {…} after a ')'."""
    # Without `: a_{1}, b_{2}` of constructors, whose braces open no body.
    text = re.sub(r"[:,]\s*[\w:<>]+\{[^{};]*\}(?=\s*[,{])", lambda m: "\n" * m.group().count("\n"),
                  blank_out(text))
    depth_in_function = 0
    head = start = 0
    for match in re.finditer(r"[{};]", text):
        char, at = match.group(), match.start()
        if depth_in_function:
            depth_in_function += {"{": 1, "}": -1, ";": 0}[char]
            if depth_in_function == 0:
                first = text.count("\n", 0, start) + 1
                yield first, text.count("\n", start, at) + 1
        elif char == "{" and is_function_head(text[head:at]):
            depth_in_function, start = 1, at
        head = at + 1


def is_function_head(head):
    """Does a '{' after this text open a function, not a type, a namespace or a value?"""
    words = head.strip()
    return ")" in words and not re.match(r"(namespace|class|struct|union|enum|extern)\b(?!.*\)\s*$)",
                                         words, re.DOTALL)


def check_sizes(name, text, root):
    """The too long of one file: ('files' or 'functions', message)."""
    lines = text.count("\n")
    if lines > FILE_LINES_MAX:
        yield "files", f"{name}:1: {lines} lines; {FILE_LINES_MAX} is where to look for a second noun"
    if name.endswith(CXX):
        for first, length in functions(text):
            if length > FUNCTION_LINES_MAX:
                yield "functions", (f"{name}:{first}: a function of {length} lines, "
                                    f"more than {FUNCTION_LINES_MAX}")


def check_text(name, text):
    """What must hold in every source."""
    lines = text.split("\n")
    if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:5]):
        yield f"{name}:1: no SPDX-License-Identifier: Apache-2.0 line at the top"
    for number, line in enumerate(lines, 1):
        banned = BANNED.search(line)
        if banned:
            yield f"{name}:{number}: '{banned.group()}': do it, or open an issue"
        if name.endswith(CXX) and len(line) > LINE_MAX:
            yield f"{name}:{number}: {len(line)} characters, more than {LINE_MAX}"


def check_error_names(texts):
    """Every diagnostic has a paragraph in the docs, every such paragraph a diagnostic."""
    used = {}
    for name, text in texts.items():
        if name.endswith(CXX) and name.startswith(("sim/", "models/")):
            for match in re.finditer(r'"(E-[a-z0-9]+(?:-[a-z0-9]+)*)"', text):
                used.setdefault(match.group(1), f"{name}:{text.count(chr(10), 0, match.start()) + 1}")
    documented = {}
    for number, line in enumerate(texts.get(ERRORS, "").split("\n"), 1):
        for match in re.finditer(r"\bE-[a-z0-9]+(?:-[a-z0-9]+)*", line):
            documented.setdefault(match.group(), f"{ERRORS}:{number}")
    for error in sorted(set(used) - set(documented)):
        yield f"{used[error]}: {error} is not in {ERRORS}"
    for error in sorted(set(documented) - set(used)):
        yield f"{documented[error]}: no code reports {error}"


def check_model_readmes(texts):
    """Each room of models/ that has sources tells what it models, in the same outline."""
    rooms = {}
    for name in texts:
        parts = name.split("/")
        depth = 3 if parts[:2] == ["models", "common"] else 2
        if parts[0] == "models" and len(parts) > depth and name.endswith(CXX):
            rooms["/".join(parts[:depth])] = True
    for room in sorted(rooms):
        readme = room + "/README.md"
        headings = [h.strip().lower() for h in
                    re.findall(r"^#+[ \t]+(.+?)#*$", texts.get(readme, ""), re.MULTILINE)]
        missing = [h for h in README_HEADINGS if h.lower() not in headings]
        if readme not in texts:
            yield f"{readme}:1: missing; its headings: {', '.join(README_HEADINGS)}"
        elif missing:
            yield f"{readme}:1: no heading {', '.join(repr(h) for h in missing)}"


def read_ratchet(text):
    """{'files': n, 'functions': n}; what is not there is 0."""
    return {kind: int(number) for kind, number in re.findall(r"^(\w+) (\d+)$", text, re.MULTILINE)}


def write_ratchet(counts, root):
    path = os.path.join(root, RATCHET)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"# How many files over {FILE_LINES_MAX} lines and functions over "
                   f"{FUNCTION_LINES_MAX} lines there may be: only ever fewer.\n"
                   "# Written by scripts/check_tidy.py --update.\n")
        file.writelines(f"{kind} {number}\n" for kind, number in counts.items())


def main(arguments):
    update = "--update" in arguments
    roots = [a for a in arguments if not a.startswith("-")]
    root = os.path.abspath(roots[0]) if roots else ROOT
    names = project_files(root)
    sources = [n for n in names if is_source(n, root)]
    texts = {n: read(n, root) for n in names if n in set(sources) or n.endswith(".md")}

    wrong, too_long = [], {"files": [], "functions": []}
    for name in sources:
        wrong += check_text(name, texts[name])
        for kind, message in check_sizes(name, texts[name], root):
            too_long[kind].append(message)
    wrong += check_error_names(texts)
    wrong += check_model_readmes(texts)

    counts = {kind: len(messages) for kind, messages in too_long.items()}
    if update:
        write_ratchet(counts, root)
    ratchet = os.path.join(root, RATCHET)
    allowed = read_ratchet(read(RATCHET, root)) if os.path.exists(ratchet) else {}
    for kind, messages in too_long.items():
        if len(messages) > allowed.get(kind, 0):
            wrong += messages
            wrong.append(f"{RATCHET}:1: {len(messages)} {kind} are too long (above), "
                         f"{allowed.get(kind, 0)} may be")
        elif len(messages) < allowed.get(kind, 0):
            print(f"{RATCHET}: {kind}: {len(messages)} instead of {allowed[kind]}; "
                  "please lower it with scripts/check_tidy.py --update")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
