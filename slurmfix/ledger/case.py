"""What the claimants look at: the script, its plan and its entries, and what several of them ask, worked out once."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from slurmfix.flow import Flow
from slurmfix.ledger.build import build_pattern
from slurmfix.ledger.entries import AT_HAND, CODE, Entry, entries_of, trace_pattern
from slurmfix.ledger.heredocs import are_named, are_only_read, files_of_idle
from slurmfix.ledger.served import is_on_one_node, is_told_of_several, modules_of
from slurmfix.plan import Plan
from slurmfix.rules import CONTAINER, USES, Beside, Finding, Run
from slurmfix.shell import FUNCTION, Command, Heredoc, Script, Word, calls_one, read
from slurmfix.text import Cover, Span

SHOWS = frozenset("echo printf logger say".split())  # their words are for people, if nothing keeps them
_SHOWS_ONLY = SHOWS | {"exit", "return", "date", "local", "tput", "true", ":", ""}


class Heredocs:
    """The heredocs of a script that are data, as far as the reader knows, and what becomes of them."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._unread = tuple(heredoc for heredoc in script.heredocs if not heredoc.is_read)
        self._owners = {command.span: command for command in script.commands} if self._unread else {}

    def around(self, span: Span) -> Heredoc | None:
        """The heredoc that is data, as far as the reader knows, and holds a place; None where it stands in none."""
        at = bisect_right(self._unread, span.start, key=lambda heredoc: heredoc.body.start) - 1
        heredoc = self._unread[at] if at >= 0 else None
        return heredoc if heredoc is not None and heredoc.body.holds(span) else None

    def is_for_nobody(self, heredoc: Heredoc) -> bool:
        """Whether a heredoc is shown, or goes to a file that nothing names below."""
        files = files_of_idle(heredoc, self._owners.get(heredoc.owner), self._script.text)
        return files is not None and not (files and are_named(files, self._script.text[heredoc.end :]))

    def is_only_read(self, heredoc: Heredoc) -> bool:
        """Whether a heredoc goes as it is to a file that programs take for data."""
        files = files_of_idle(heredoc, self._owners.get(heredoc.owner), self._script.text)
        return bool(files) and not heredoc.expanded and are_only_read(files or frozenset(), heredoc.end, self._script)


class Case:
    """A script and its account so far; `found` are all findings, with those that the author ignores."""

    def __init__(
        self,
        script: Script,
        found: tuple[Finding, ...],
        plan: Plan,
        flow: Flow,
        entries: tuple[Entry, ...],
        beside: Beside,
    ) -> None:
        self.script, self.found, self.plan = script, found, plan
        self.flow, self.entries, self.beside = flow, entries, beside
        self._contained: dict[Span, bool] = {}

    @cached_property
    def edits(self) -> tuple[Span, ...]:
        return tuple(edit.span for step in self.plan.changing for edit in step.edits)

    @cached_property
    def first_change(self) -> int:
        """Where the first command stands that goes; 0 where none does."""
        return min((step.finding.command.span.start for step in self.plan.changing), default=0)

    @cached_property
    def last_build(self) -> int:
        """Where the last lines stand that make or enter an environment; 0 where there are none."""
        uses = (step for step in self.plan.changing if isinstance(step.finding.act, USES))
        return max((edit.span.start for step in uses for edit in step.edits), default=0)

    @cached_property
    def converted(self) -> Cover:
        """What the findings and the edits are about; what stands behind `conda run` is the author's own."""
        spans = [each.span if isinstance(each.act, Run) else each.command.whole for each in self.found]
        return Cover([*spans, *(finding.span for finding in self.found), *self.edits])

    @cached_property
    def comments(self) -> Cover:
        directives = {each.span.start for each in self.script.directives}
        return Cover(span for span in self.script.comments if span.start not in directives)

    @cached_property
    def containers(self) -> Cover:
        return Cover(self.script.containers)

    def runs_in_a_container(self, command: Command) -> bool:
        """Whether a command starts a container, by its words or by a variable or function that stands for one."""
        if command.span not in self._contained:
            words = (word.source for word in command.words)
            starts = CONTAINER.search(command.source) is not None or calls_one(words, self.script.contained)
            self._contained[command.span] = starts
        return self._contained[command.span]

    @cached_property
    def entering(self) -> tuple[Command, ...]:
        """The commands that enter an environment, or run something in one."""
        return tuple(finding.command for finding in self.found if isinstance(finding.act, USES))

    @cached_property
    def run_by_paths(self) -> frozenset[str]:
        """The names of the files that the script runs by a path."""
        written = (entry.written for entry in self.entries if entry.kind == CODE)
        return frozenset(path.rpartition("/")[2] for path in written if "/" in path)

    @cached_property
    def told_files(self) -> frozenset[str]:
        """The files at hand of which more is said than that they are not read."""
        return frozenset(entry.what for entry in self.entries if entry.kind == AT_HAND)

    @cached_property
    def harmless_files(self) -> frozenset[Word]:
        """The words that name a file at hand which neither speaks of conda nor runs what is not read."""
        code = (entry for entry in self.entries if entry.kind == CODE and entry.what in ("starts", "sources", "lists"))
        words = (entry.word for entry in code if entry.word is not None and entry.owner is not None)
        return frozenset(word for word in words if _is_harmless(self.beside(word.literal)))

    @cached_property
    def modules(self) -> dict[str, tuple[str, ...]]:
        return modules_of(self.plan)

    @cached_property
    def is_built_everywhere(self) -> bool:
        """Whether the job runs on one node, or the environment is built on every one."""
        if any("srun" in edit.new for step in self.plan.changing for edit in step.edits):
            return True
        return is_on_one_node(self.script) and not is_told_of_several(self.script, self.beside)

    @cached_property
    def showing(self) -> frozenset[str]:
        """What shows its words to people: the shell's, and functions that do nothing but show something, and end the
        job: `fail "no conda"`.
        """
        does: dict[str, set[str]] = {}
        for command in self.script.commands if self.script.functions else ():
            for place in command.within:
                if place.kind == FUNCTION:
                    does.setdefault(place.note, set()).add(command.name)
        return SHOWS.union(name for name, names in does.items() if names <= _SHOWS_ONLY and names & SHOWS)

    @cached_property
    def heredocs(self) -> Heredocs:
        return Heredocs(self.script)


def _is_harmless(text: str | None) -> bool:
    """Whether a file is at hand that speaks of neither conda nor a build, and runs nothing that is not read."""
    if text is None or trace_pattern().search(text) or build_pattern().search(text):
        return False
    return not entries_of(read(text), ())
