# SPDX-License-Identifier: Apache-2.0
"""The project's files, for the checks beside this folder."""

import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CXX = (".h", ".cpp", ".cu", ".cuh")


def project_files(root=ROOT):
    """Paths relative to root, '/' between names: tracked and new files, none that git ignores."""
    if os.path.exists(os.path.join(root, ".git")):
        names = subprocess.run(
            ["git", "-c", "core.quotePath=off", "ls-files",
             "--cached", "--others", "--exclude-standard"],
            cwd=root, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    else:  # an unpacked archive
        names = []
        for folder, folders, files in os.walk(root):
            folders[:] = [f for f in folders
                          if not f.startswith(("build", ".git")) and f != "node_modules"]
            names += [os.path.relpath(os.path.join(folder, f), root) for f in files]
    return sorted(n for n in set(names) if os.path.isfile(os.path.join(root, n)))


def read(name, root=ROOT):
    with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
        return file.read()
