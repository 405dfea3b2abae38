"""Counts what becomes of the entries of real environment files: `python tools/measure_environments.py FOLDER`.

Prints a table: files, entries, and how many of them end in each class; then what must be none: crashes, entries without
a class or a reason, and requirement lines that packaging refuses. With `--sample N --seed S` it prints N entries drawn
at random, with what became of them, for a person to judge; with `--by-file` one of each file drawn, since a full export
has as many entries as fifty files that someone wrote. The files are only read.
"""

from __future__ import annotations

import argparse
import random
import sys
import traceback
from collections import Counter
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from slurmfix import knowledge
from slurmfix.environment import BadEnvironment, Environment, Package, read_environment
from slurmfix.recipe import Recipe, make_recipe, requirements_text

CLASSES = ("python", "module", "dropped", "unknown")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0, metavar="N")
    parser.add_argument("--by-file", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    rows: list[tuple[str, str, str, str]] = []
    for path in sorted(arguments.folder.rglob("*.y*ml")):
        counts["files"] += 1
        try:
            environment = read_environment(path.read_text(encoding="utf-8", errors="replace"), path.name)
        except BadEnvironment as bad:
            counts["files refused"] += 1
            print(f"{path.name}: {bad}", file=sys.stderr)
            continue
        try:
            recipe = make_recipe(environment)
            text = requirements_text(recipe)
        except Exception:
            counts["crashes"] += 1
            print(f"{path.name}:\n{traceback.format_exc()}", file=sys.stderr)
            continue
        counts["full listings"] += environment.export
        counts[f"strategy {recipe.strategy}"] += 1
        counts["lines refused by packaging"] += sum(not _accepted(line) for line in text.splitlines())
        counts["requirement lines"] += len(recipe.requirements)
        for package in environment.packages:
            kind, why = outcome(package, environment, recipe)
            counts["entries"] += 1
            counts[f"entries: {kind}"] += 1
            rows.append((path.name, _shown(package), kind, why))
    for name in ("crashes", "lines refused by packaging", "entries: none"):
        counts[name] += 0
    for name in sorted(counts):
        print(f"{name:32} {counts[name]:6}")
    chance = random.Random(arguments.seed)
    if arguments.by_file:
        names = sorted({row[0] for row in rows})
        rows = [chance.choice([row for row in rows if row[0] == name]) for name in names]
    for row in chance.sample(rows, min(arguments.sample, len(rows))):
        print("\t".join(row))
    return 1 if counts["crashes"] or counts["lines refused by packaging"] or counts["entries: none"] else 0


def outcome(package: Package, environment: Environment, recipe: Recipe) -> tuple[str, str]:
    """The class that an entry ended in, and the line, the module or the reason; ("none", "") where it is nowhere."""
    for out in recipe.left_out:
        if out.name in (package.name, package.url):
            return (out.kind, out.why) if out.why else ("none", "without a reason")
    lines = {knowledge.normalise(Requirement(line).name): line for line in recipe.requirements}
    names = [package.pypi, package.name, knowledge.pypi_name(package.name)]
    if trap := knowledge.trap(package.name, package.channel.rsplit("/", 1)[-1]):
        names.append(trap.target)
    for name in filter(None, names):
        if line := lines.get(knowledge.normalise(name)):
            lacking = any(doubt.startswith((f"{Requirement(line).name} ", f"{line} ")) for doubt in recipe.doubts)
            return "python", f"{line}{' (no wheel, said so)' if lacking else ''} [python/{recipe.python}]"
    return "none", ""


def _accepted(line: str) -> bool:
    if line.startswith("#"):
        return True
    try:
        Requirement(line)
    except InvalidRequirement:
        return False
    return True


def _shown(package: Package) -> str:
    extras = f"[{','.join(package.extras)}]" if package.extras else ""
    channel = f"{package.channel}::" if package.channel else ""
    return f"{package.manager}: {channel}{package.name}{extras}{package.version} {package.url or package.build}".strip()


if __name__ == "__main__":
    sys.exit(main())
