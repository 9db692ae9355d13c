# SPDX-License-Identifier: Apache-2.0
"""Command line of scripts/export_onnx. torch is imported only after the arguments are understood."""
import argparse
import gc
import os
import pathlib
import signal
import sys
import time
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPSETS = range(9, 18)  # below 9 the exporter cannot write our networks; 17 is the newest it knows

EPILOG = """\
NAME is a network (see --list), or 'all' (all that the exporter can write); without NAME: resnet18 resnet50 bert_base.

Files hold no weights: every parameter is listed as a graph input with its shape. By default the exporter
folds batch normalisation into the convolution before it; weights that are equal when initialised (zero biases,
unit scales) become one input with Identity nodes to the others. Both are what torch.onnx.export does.
Beside them, MACS.txt holds the MACs of each, counted at PyTorch's own operators, and the sizes they were counted at.

Exit codes: 0 all written, 1 a network failed or packages are missing, 2 usage.

examples:
  scripts/export_onnx
  scripts/export_onnx -o build/onnx13 --opset 13 bert_base vit_b_16
  scripts/export_onnx --keep-bn resnet18"""


def fail_usage(message, hint=None):
    print(f"export_onnx: error: {message}", file=sys.stderr)
    if hint:
        print(f"export_onnx: hint: {hint}", file=sys.stderr)
    sys.exit(2)


def opset(text):
    if not text.isdecimal() or int(text) not in OPSETS:
        raise argparse.ArgumentTypeError(f"expected a whole number from {OPSETS[0]} to {OPSETS[-1]}, got '{text}'")
    return int(text)


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/export_onnx",
        usage="%(prog)s [options] [NAME ...]",
        description="Makes ONNX files of well-known networks with PyTorch; nothing is downloaded.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("-o", "--out", metavar="DIR", help="where the files go (default build/onnx of this repository)")
    parser.add_argument("--opset", type=opset, default=17, metavar="N", help="ONNX operator set, 9 to 17 (default 17)")
    parser.add_argument("--keep-bn", action="store_true", help="keep BatchNormalization nodes instead of folding them")
    parser.add_argument("--listing", action="store_true", help="also write NAME.nodes.txt and the run's OPERATORS.txt")
    parser.add_argument("--list", action="store_true", help="list the networks and stop")
    parser.add_argument("--verbose", action="store_true", help="show the exporter's warnings and full errors")
    return parser.parse_args(arguments)


def choose(names, known, defaults):
    """The networks asked for, in order, each once; all unknown names are reported together."""
    from networks import near

    unknown = [name for name in names if name not in known and name != "all"]
    for name in unknown:
        guesses = near(name, known)
        ask = f"; did you mean {' or '.join(repr(guess) for guess in guesses)}?" if guesses else ""
        print(f"export_onnx: error: unknown network '{name}'{ask}", file=sys.stderr)
    if unknown:
        print("export_onnx: hint: scripts/export_onnx --list names them all", file=sys.stderr)
        sys.exit(2)
    if "all" in names:
        names = list(defaults) + [name for name, network in known.items() if network.exports]
    return [known[name] for name in dict.fromkeys(names or defaults)]


def export(network, options, target):
    """Writes one file, whole or not at all; returns the model read back, its MACs and at which sizes."""
    import macs
    import onnx
    import torch

    torch.manual_seed(0)  # equal weights decide what the exporter shares, so runs must not differ
    model = network.build().eval()
    example = network.example()
    part = target.with_name(f".{target.name}.part")
    mode = torch.onnx.TrainingMode.PRESERVE if options.keep_bn else torch.onnx.TrainingMode.EVAL
    try:
        # Gradients stay on: without them attention takes a fused kernel that has no ONNX form.
        torch.onnx.export(
            model, example, str(part),
            export_params=False, training=mode, opset_version=options.opset,
            input_names=list(network.inputs), output_names=list(network.outputs),
            dynamic_axes={**network.inputs, **network.outputs},
        )  # fmt: skip
        written = onnx.load(str(part))
        onnx.checker.check_model(written)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return written, macs.count_macs(model, example), sizes(network, example)


def reason(error):
    """What the exporter said, without the dump of the graph that it appends."""
    lines = [line.strip() for line in str(error).split("[Caused by")[0].splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__


def sizes(network, example):
    """{"batch": 1, "seq": 128}: the symbolic dimensions as they are in the example."""
    found = {}
    for axes, tensor in zip(network.inputs.values(), example):
        found.update({axis_name: tensor.size(axis) for axis, axis_name in axes.items()})
    return {name: found[name] for name in sorted(found)}


def note_macs(out, name, count, at):
    """Keeps MACS.txt up to date: a line a network, `name macs batch=1 seq=128`, for checks of what reads the files."""
    path = out / "MACS.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = {line.split()[0]: line for line in lines if line.strip()}
    kept[name] = " ".join([name, str(count)] + [f"{dim}={size}" for dim, size in at.items()])
    path.write_text("".join(kept[key] + "\n" for key in sorted(kept)), encoding="utf-8")


def export_all(networks, options, out):
    """Exports one after the other, a line each; returns the names of those that failed."""
    import listing

    failed, table = [], []
    for number, network in enumerate(networks, 1):
        target = out / f"{network.name}.onnx"
        start = time.monotonic()
        try:
            written, count, at = export(network, options, target)
            note_macs(out, network.name, count, at)
            if options.listing:
                target.with_suffix(".nodes.txt").write_text(listing.node_listing(written), encoding="utf-8")
                table.append(listing.operator_line(network.name, written))
        except Exception as error:  # the exporter raises whatever its passes raise; the next network may still do
            if options.verbose:
                import traceback

                traceback.print_exc()
            print(f"export_onnx: error: {network.name}: {reason(error)}", file=sys.stderr, flush=True)
            failed.append(network.name)
            continue
        finally:
            gc.collect()
        size = target.stat().st_size / 1024
        seconds = time.monotonic() - start
        words = f"{count:,} MACs at " + ", ".join(f"{dim} {length}" for dim, length in at.items())
        print(
            f"[{number}/{len(networks)}] {target}: {len(written.graph.node)} nodes, {words},"
            f" {size:.0f} KiB, {seconds:.1f} s",
            flush=True,
        )
    if options.listing:
        (out / "OPERATORS.txt").write_text("".join(table), encoding="utf-8")
    return failed


def main():
    options = parse(sys.argv[1:])
    if not options.verbose:
        warnings.filterwarnings("ignore")
    from networks import DEFAULT_NAMES, catalogue

    known = catalogue()
    if options.list:
        for network in known.values():
            note = "" if network.exports else "; PyTorch 1.13 cannot export it, 'all' leaves it out"
            print(f"{network.name:20} {network.summary}{note}")
        return 0
    chosen = choose(options.names, known, DEFAULT_NAMES)
    out = pathlib.Path(options.out) if options.out else ROOT / "build" / "onnx"
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not os.access(out, os.W_OK):
            raise PermissionError(13, "not writable")
    except OSError as error:
        fail_usage(f"{out}: {error.strerror}")
    failed = export_all(chosen, options, out)
    if failed:
        print(f"export_onnx: {len(failed)} of {len(chosen)} failed: {' '.join(failed)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `--list | head` is no error
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
