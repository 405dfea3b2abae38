"""What became of one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # a file without a trace of conda has no plan, and must not pay for the rooms that make one
    from slurmfix.plan import NewFile, Plan, Served, Step
    from slurmfix.rules import Finding
    from slurmfix.text import Edit, Hunk


class Outcome(NamedTuple):
    """One file: its text before and after (the same where nothing changes), the plan, and what went wrong.

    `edits` lead from `before` to `after`; `created` are the files that come along. `error` says why the file could not
    be handled, `broken` which promises broke; in both cases nothing changes. `notes` are for the reader; `unhandled`
    says that a person has to see to the file although no finding tells so. `diff_path` is the name in a diff. `ignored`
    are the findings that a comment in the script takes out, `muted` the ids of remarks that nobody wants to see.
    `piped` is a text that came by standard input: its place is standard output. `folders` are the folders in which its
    files lay, or are to lie, when it was read: pairs of a path and what files.folder_of says.
    """

    path: str
    before: str = ""
    after: str = ""
    plan: Plan | None = None
    edits: tuple[Edit, ...] = ()
    created: tuple[NewFile, ...] = ()
    error: str = ""
    broken: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unhandled: bool = False
    written: bool = False
    diff_path: str = ""
    ignored: tuple[Finding, ...] = ()
    muted: tuple[str, ...] = ()
    piped: bool = False
    folders: tuple[tuple[str, tuple[int, int] | None], ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.plan.steps if self.plan is not None else ()

    @property
    def environments(self) -> tuple[Served, ...]:
        return self.plan.environments if self.plan is not None else ()

    @property
    def said(self) -> tuple[str, ...]:
        """All that is said of the file: of its steps, its environments and itself."""
        doubts = (doubt for served in self.environments for doubt in served.doubts)
        return (*(step.why for step in self.steps), *doubts, *self.notes)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The environments that the change needs and of which nobody knows any package."""
        recipes = (served.recipe for served in self.environments)
        return tuple(recipe.environment.name for recipe in recipes if recipe.is_unknown)

    @property
    def changes(self) -> bool:
        return self.after != self.before or bool(self.created)

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        from slurmfix.text import hunks

        return hunks(self.before, self.after, self.edits)

    @property
    def left(self) -> bool:
        """Whether something remains for a person."""
        return self.unhandled or (self.plan is not None and any(not step.edits for step in self.plan.steps))

    @property
    def status(self) -> str:
        """clean, fixable, fixed, manual or error, as the report names them."""
        if self.error or self.broken:
            return "error"
        if self.changes:
            return "fixed" if self.written else "fixable"
        return "manual" if self.left else "clean"
