#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Do check_layers.py and check_tidy.py find what they are for? Each on a small tree of its own."""

import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


def run(script, files, *arguments):
    """Exit code and output of a script on a tree of these files."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = os.path.join(root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run(["/usr/bin/python3", "-B", f"{ROOT}/scripts/{script}", *arguments, root],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


class Layers(unittest.TestCase):
    def expect(self, files, message):
        code, output = run("check_layers.py", files)
        self.assertEqual(output.strip(), message)
        self.assertEqual(code, 1 if message else 0)

    def test_allowed_edges_pass(self):
        self.expect({
            "sim/ir/graph.h": '#include "sim/base/check.h"\n#include <vector>\n',
            "sim/kernel/bridge.h": "#include <systemc>\n",
            "sim/app/main.cpp": '#include "models/tpu/tpu_backend.h"\n#include "sim/kernel/bridge.h"\n',
            "models/common/dram/dram_spec.cpp": '#include "sim/config/reader.h"\n',
            "models/common/dram/dram_tlm.h": '#include "sim/kernel/bridge.h"\n#include <tlm>\n',
            "models/tpu/tpu_lower.cpp": '#include "models/common/dram/dram_core.h"\n',
            "models/all_backends.cpp": '#include "models/tpu/tpu_backend.h"\n',
            "tests/component/dram/dram_test.cpp": "#include <systemc>\n",
        }, "")

    def test_upward_edge(self):
        self.expect({"sim/base/a.h": SPDX + '#include "sim/ir/graph.h"\n'},
                    "sim/base/a.h:2: tier 'base' must not include 'ir' (sim/ir/graph.h)")

    def test_path_relative_to_the_file(self):
        self.expect({"sim/base/a.h": '#include "../ir/graph.h"\n', "sim/ir/graph.h": ""},
                    "sim/base/a.h:1: tier 'base' must not include 'ir' (../ir/graph.h)")

    def test_sim_knows_no_models(self):
        self.expect({"sim/sweep/a.cpp": '#include "models/tpu/x.h"\n'},
                    "sim/sweep/a.cpp:1: tier 'sweep' must not include 'models/tpu' (models/tpu/x.h)")

    def test_backends_do_not_know_each_other(self):
        self.expect({"models/tpu/a.cpp": '#include "models/vpu/x.h"\n'},
                    "models/tpu/a.cpp:1: tier 'models/tpu' must not include 'models/vpu' "
                    "(models/vpu/x.h)")

    def test_common_does_not_know_backends(self):
        self.expect({"models/common/dram/a.cpp": '#include "models/tpu/x.h"\n'},
                    "models/common/dram/a.cpp:1: tier 'models/common' must not include 'models/tpu' "
                    "(models/tpu/x.h)")

    def test_config_only_in_specs(self):
        self.expect({"models/tpu/tpu_lower.cpp": '#include "sim/config/reader.h"\n'},
                    "models/tpu/tpu_lower.cpp:1: tier 'models/tpu' must not include 'config' "
                    "(sim/config/reader.h)")

    def test_systemc_outside_the_kernel(self):
        self.expect({"sim/engine/a.cpp": "# include <systemc.h>\n"},
                    "sim/engine/a.cpp:1: tier 'engine' must not include 'systemc'")

    def test_systemc_through_a_header(self):
        self.expect({"models/tpu/tpu_core.h": '#include "models/tpu/tpu_tlm.h"\n',
                     "models/tpu/tpu_tlm.h": "#include <tlm_utils/simple_target_socket.h>\n"},
                    "models/tpu/tpu_core.h:1: tier 'models/tpu' must not include 'systemc', not "
                    "through models/tpu/tpu_tlm.h -> <tlm_utils/simple_target_socket.h> either")

    def test_unknown_tier(self):
        self.expect({"sim/helpers/a.h": ""},
                    "sim/helpers/a.h:1: tier 'helpers' is not in the table of scripts/check_layers.py")


class Form(unittest.TestCase):
    def expect(self, files, *messages):
        code, output = run("check_tidy.py", files)
        for message in messages:
            self.assertIn(message, output)
        self.assertEqual(code, 1 if messages else 0, output)

    def test_clean(self):
        self.expect({"sim/base/a.cpp": SPDX + "void f() {}\n"})

    def test_no_licence_line(self):
        self.expect({"sim/base/a.cpp": "int x;\n", "scripts/go": "#!/bin/sh\n"},
                    "sim/base/a.cpp:1: no SPDX", "scripts/go:1: no SPDX")

    def test_long_line_counts_characters_not_bytes(self):
        self.expect({"a.h": SPDX + "//" + "×" * 98 + "\n"})
        self.expect({"a.h": SPDX + "//" + "×" * 99 + "\n"}, "a.h:2: 101 characters")

    def test_left_over(self):
        self.expect({"a.h": SPDX + "// TO" "DO later\n"}, "a.h:2: 'TO" "DO'")

    def test_long_file(self):
        self.expect({"a.h": SPDX + "\n" * 299})
        self.expect({"a.h": SPDX + "\n" * 300}, "a.h:1: 301 lines", "1 files are too long")

    def test_long_function(self):
        """Braces in texts, constructors' initializers and nested blocks do not mislead the count."""
        body = "  if (a) { b(\"}}\"); }\n" * 68
        self.expect({"a.cpp": SPDX + "namespace x {\nA::A() : b_{1}, c_{2} {\n" + body + "}\n}\n"})
        self.expect({"a.cpp": SPDX + "namespace x {\nA::A() : b_{1}, c_{2} {\n" + body + "\n}\n}\n"},
                    "a.cpp:3: a function of 71 lines")

    def test_ratchet(self):
        long_file = {"a.h": SPDX + "\n" * 300}
        self.expect({**long_file, "tests/tidy/ratchet.txt": "files 1\n"})
        code, output = run("check_tidy.py", {"tests/tidy/ratchet.txt": "files 1\n"})
        self.assertEqual(code, 0)
        self.assertIn("files: 0 instead of 1; please lower it", output)

    def test_error_names_and_their_docs(self):
        self.expect({"sim/base/a.cpp": SPDX + 'auto n = "E-odd";\n', "docs/errors.md": "## E-even\n"},
                    "sim/base/a.cpp:2: E-odd is not in docs/errors.md",
                    "docs/errors.md:1: no code reports E-even")

    def test_model_readme(self):
        self.expect({"models/tpu/tpu_core.h": SPDX}, "models/tpu/README.md:1: missing")
        self.expect({"models/common/dram/a.h": SPDX, "models/common/dram/README.md": "# DRAM\n"},
                    "models/common/dram/README.md:1: no heading 'What it is'")


if __name__ == "__main__":
    unittest.main()
