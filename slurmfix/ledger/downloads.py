"""What programs of an environment fetch from the internet, which compute nodes without it do not reach."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slurmfix.ledger.entries import Entry
from slurmfix.remarks import DOUBT, PLAIN, Message, job
from slurmfix.shell import Script, call_of

DATA_FETCHED, MODEL_FETCHED = "fetches data", "fetches a model"
MESSAGES_OF_DOWNLOADS = {
    DATA_FETCHED: Message(
        id="data-from-the-internet",
        kind=DOUBT,
        subject="`{source}`",
        reason="this line fetches data from the internet, which compute nodes may not reach",
        action="run this line once on a login node, then delete the line from the job",
        bad=job("conda activate vision\nhuggingface-cli download gpt2\npython train.py"),
        good=PLAIN,
    ),
    MODEL_FETCHED: Message(
        id="model-from-the-internet",
        kind=DOUBT,
        subject="`{source}`",
        reason="this line takes a model from the internet, which compute nodes may not reach",
        action="on a login node, run `python -m spacy info MODEL --url` (MODEL: the name), and download that "
        "address. Then write `pip install --no-index FILE` here (FILE: the download)",
        bad=job("conda activate vision\npython -m spacy download en_core_web_md\npython train.py"),
        good=PLAIN,
    ),
}
_FETCHES = {
    MODEL_FETCHED: re.compile(r"(?:\S*python\S* (?:.* )?-m )?spacy download\b"),
    DATA_FETCHED: re.compile(
        r"\S*python\S* (?:.* )?-m nltk\.downloader\b|(?:huggingface-cli|hf) download\b|gdown |kaggle \w+ download\b"
    ),
}


def download_entries(script: Script) -> Iterator[Entry]:
    """The commands of a rewritten job that fetch data or a model."""
    for command in script.holding("download", "gdown"):
        call = call_of(script, command)
        said = " ".join((call.name, *(word.source for word in call.behind)))
        if kind := next((kind for kind, pattern in _FETCHES.items() if pattern.match(said)), None):
            yield Entry(kind, command.span, kind, command)
