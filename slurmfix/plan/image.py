"""Environments that live in an image: its files, and what a job says of it where they were activated.

The options of Apptainer are those of the wiki's page on Apptainer, with `-c` where its first example has `-C`: both
part the container from the node's files, but `-C` also empties the environment. What a step knows of each of its tasks
(`SLURM_PROCID`, `CUDA_VISIBLE_DEVICES`, what MPI passes on), what stands in front of a command (`OMP_NUM_THREADS=4 x`)
and what the script exports would be gone, and `--env` takes no value with a comma, as node lists have. With `-c` the
working directory and the job's folder are not there unless they are bound, and the home is empty.
"""

from __future__ import annotations

import re

from slurmfix.knowledge import ImageTool
from slurmfix.plan.step import Image, NewFile, Served, Site
from slurmfix.recipe import ImageRecipe
from slurmfix.templates import render, render_file


def image_of(recipe: ImageRecipe, tool: ImageTool, site: Site) -> tuple[Image, tuple[NewFile, ...], tuple[str, ...]]:
    """The image of an environment, the files it is built from, and the commands that build it, once, by a person.

    The paths of the files count from the folder that the job is submitted from. Raises TemplateFailed.
    """
    folder, name = site.images.rstrip("/"), recipe.name + tool.ending
    built = f"{folder}/{name}" if folder else name
    path = built if folder.startswith(("/", "$")) else f"{site.submit_dir}/{built}"
    values = {"image": built, "name": recipe.name, "folder": folder, "module": site.image_module}
    commands = render(_template("build_image", tool), site.templates, **values)
    return Image(recipe.name, path, tool), _files(recipe, tool, site, commands), commands


def _files(recipe: ImageRecipe, tool: ImageTool, site: Site, commands: tuple[str, ...]) -> tuple[NewFile, ...]:
    """The environment, and the definition of an Apptainer image; the other tools read the environment alone."""
    if not tool.is_default:
        told = "".join(f"#   {command}\n" for command in commands)
        head = f"# Build it once, on a login node, in the folder of this file:\n{told}"
        return (NewFile(f"{recipe.name}.yml", head + recipe.text),)
    definition = render_file(
        "image.def", site.templates, name=recipe.name.rpartition("-")[0], file=recipe.name, commands=commands
    )
    return (
        NewFile(f"{recipe.name}.def", definition.rstrip("\n") + "\n"),
        NewFile(f"{recipe.name}.yml", recipe.text),
    )


def _template(name: str, tool: ImageTool) -> str:
    return name if tool.is_default else f"{name}_{tool.name}"


def prefix(image: Image, site: Site) -> str:
    """What stands in front of a command that runs in an image. Raises TemplateFailed."""
    values = {"workdir": site.workdir, "binds": site.binds, "home": image.home, "gpu": image.gpu, "image": image.path}
    lines = render(_template("contained", image.tool), site.templates, **values)
    return " ".join(lines)


def opening(served: Served, site: Site, modules: tuple[str, ...], handled: bool) -> list[str]:
    """The commands that make a job ready for its image: the module, and a check that the image is there."""
    image = served.image
    if image is None:
        return []
    return list(
        render(
            "image",
            site.templates,
            image=image.path,
            test=image.tool.test,
            definition=f"{image.name}.{'def' if image.tool.is_default else 'yml'}",
            modules=modules,
            handled=handled,
        )
    )


def definitions(served: Served, site: Site) -> list[str]:
    """One shell function for each program, so that the author's commands stay as they are."""
    image = served.image
    if image is None or not image.functions:
        return []
    helper = _helper(served)
    return [
        f'{helper}() {{ {prefix(image, site)} "$@"; }}',
        *(f'{name}() {{ {helper} {name} "$@"; }}' for name in image.functions),
    ]


def leaving(served: Served) -> str:
    """What takes the functions away; "" where there are none."""
    image = served.image
    if image is None or not image.functions:
        return ""
    return f"unset -f {' '.join((_helper(served), *image.functions))}"


def _helper(served: Served) -> str:
    return "in_" + re.sub(r"\W", "_", served.named.name, flags=re.ASCII)
