"""`broadsheet init`: a dataset.toml that explains itself."""

import json
import re
from pathlib import Path
from typing import Final

from broadsheet import config
from broadsheet.describe import questions
from broadsheet.errors import CallError, ReleaseError

_TEMPLATE = """\
# The dataset: what no page can tell. Lines that start with # are off.
name = {name}
version = "0.1.0"                # or "auto", the smallest that what changed since the last version allows
# title = "The name for people"
# description = "What it is, in a few sentences."
# license = "CC-BY-4.0"          # of the compilation, as an SPDX identifier; the items' rights stay where they are
# released = 2026-01-31          # the clock is never asked
# authors = [{{ name = "Who made it" }}]

[input]
paths = ["."]                    # files, folders and patterns, relative to this file, and URLs
# metadata = "pages.jsonl"       # a line a page: {{"path": …, "url": …, "source": …, "captured": "…Z"}}
# fields = {{ text = "content" }}  # your names for the fields of records of your own
# keep_bytes = true              # keep the pages' original bytes in the table `pages`

[repeats]
threshold = 0.7                  # containment of the shorter text's word 3-grams
scope = "global"                 # or "per-source", so that no source can be emptied by another

[split]                          # stories are never divided between splits
train = 1.0
# validation = 0.1

[export]
formats = ["parquet", "jsonl"]   # and "arrow" for datasets.load_from_disk
page_texts = true                # the table `pages` holds the texts, so that everything can be checked

# identifier = "10.5281/zenodo.1" # a DOI, where it has one
# lexicon = "lexicon.toml"       # your own words for the measures of naming and of topics, in place of ours
# topic = "desk"                 # the property of your own schema that says what an article is about

# [privacy]                      # see docs/privacy.md
# masks = ["email", "phone", "handle", "ip"]
# comment_authors = "pseudonym"  # or "drop"
# key_env = "BROADSHEET_KEY"     # or key_file: 32 characters or more, which enter no release
"""
_ANSWERS: Final = """\
# The answers to the datasheet's questions that only a person can answer, or only in part without one. What is not
# answered is shown as open, and stamps every document DRAFT. `broadsheet datasheet --open` lists what is open,
# `broadsheet build --final` refuses it.
#
# Short: M1 = "The answer."     Long:
#
#   [M1]
#   status = "answered"           # or "unknown" or "not_applicable", with a reason in place of the text
#   text = "It holds {{records[article, train].records}} articles for training …"   # figures are references
#   by = "Who answered"
#   date = 2026-01-31
#   seen = {"pages.pages" = 100}  # the question is open again when this figure moves by over a tenth
#
# Which measures there are, with their columns, says measures.json of a release.
"""

_HALF: Final = " (in part answered by the program)"


def write_config(folder: Path, name: str | None = None) -> Path:
    """The dataset.toml that was written into `folder`, which is made where it is missing, with a datasheet.toml.

    Raises: CallError where there is one of them already, or the name is none that a dataset can have; ReleaseError
    where one cannot be written.
    """
    file = folder / config.FILE
    made = re.sub(r"[^a-z0-9._-]+", "-", folder.resolve().name.lower()).strip("-._")[:96] or "dataset"
    chosen = made if name is None else name
    config.load(None, {"name": chosen})
    asked = "".join(
        f'\n# {q.id}: {q.question}{_HALF if q.by == "both" else ""}\n# {q.id} = ""\n'
        for q in questions()
        if q.by != "program"
    )
    texts = {file: _TEMPLATE.format(name=json.dumps(chosen)), folder / config.ANSWERS: _ANSWERS + asked}
    try:
        for there in filter(Path.exists, texts):
            raise CallError(f"{there} exists; edit it, or name another folder")
        folder.mkdir(parents=True, exist_ok=True)
        for target, text in texts.items():
            target.write_text(text, "utf-8")
    except OSError as error:
        raise ReleaseError(f"{file}: cannot be written: {error.strerror}") from None
    config.load(file)
    return file
