"""Fixtures and settings of all tests: no network, a cache of their own, and Hypothesis without chance."""

# The environment must be set before `datasets` is imported; a line of records is one line.
# ruff: noqa: E402, E501

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Before anything imports `datasets`, which reads these once.
_HF_HOME = tempfile.mkdtemp(prefix="broadsheet-tests-")
os.environ.update(HF_HOME=_HF_HOME, HF_HUB_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1", DO_NOT_TRACK="1")
for _name in ("HF_DATASETS_CACHE", "HF_HUB_CACHE", "HF_DATASETS_OFFLINE"):
    os.environ.pop(_name, None)

import pytest
from hostile import build_hostile
from hypothesis import HealthCheck, Phase, settings
from pictured import build_pictured
from sites import SHARED, build_harbour, build_pages, make_pages

from broadsheet.build import Built

settings.register_profile(
    "laws",
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# That a planted bug is caught is all that is asked: making the example smaller takes up to five minutes.
settings.register_profile("planted", settings.get_profile("laws"), phases=[Phase.explicit, Phase.generate])
settings.load_profile("laws")


def pytest_unconfigure() -> None:
    """Removes the cache of this run."""
    shutil.rmtree(_HF_HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The release of the example site in all formats. Not to be changed: copy it."""
    out = tmp_path_factory.mktemp("harbour")
    return build_harbour(out, export={"formats": ["parquet", "jsonl", "arrow"]})


@pytest.fixture(scope="session")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The release of records that every picture shows something of. Not to be changed: copy it."""
    return build_pictured(tmp_path_factory.mktemp("pictured"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The release in which every text that people give is hostile. Not to be changed: copy it."""
    return build_hostile(tmp_path_factory.mktemp("hostile"))


RECORDS = b"""\
{"id": "a1", "text": "A crane fell into the basin at noon; nobody was hurt, the harbour office said on Tuesday.", "title": "Crane falls", "url": "https://www.courier.example/a1", "published": "2026-03-14T09:30:00.000Z", "captured": "2026-03-14T10:00:00.123456Z", "language": "en", "role": "main"}
{"id": "a2", "text": "A crane fell into the basin at noon; nobody was hurt, the harbour office said on Tuesday!", "title": null, "url": "https://wire.example/7", "published": "2026-03-15T09:30:00Z", "language": "en"}
{"id": "a3", "text": "NULL", "title": "NA", "dek": "null", "byline": "nan", "author": "None", "source": "-", "thread": "1e5", "published": "0001-01-01T00:00:00Z"}
{"id": "a4", "text": " \\u001f\\u2028\\"quoted\\", \\\\ and \\ud83d\\ude00 e\\u0301 \\u202b\xd7\xa1\xd7\xa4\xd7\x99\xd7\xa0\xd7\x94 \\r\\n ", "title": "", "published": "2026-03-14T09:30:00.5Z"}
{"id": "c1", "role": "comment", "text": "Well said.", "thread": "https://www.courier.example/a1", "position": 0, "author": "Dora", "depth": 0}
{"id": "c2", "role": "comment", "text": "Well said, and not for the first time, I would like to add here.", "thread": "https://www.courier.example/a1", "position": 1, "reply_to": 0, "depth": 1}
{"id": "t1", "role": "teaser", "text": "A crane fell into the basin at noon; nobody was hurt \xe2\x80\xa6", "truncated": true, "more": {"unknown": [1]}}
{"id": "r1", "text": ""}
{"id": "r2", "text": "x", "language": "no language at all", "published": "yesterday"}
{"id": "r3"}
[1, 2]
{"id": "r4", "text": NaN}
{"id": "r5", "id": "r6", "text": "x"}
{"text": "cut off
\xff\xfe is no UTF-8
{"text": "\\ud800 alone"}

"""
"""Records of a user's own: every kind, values that readers take for null, and lines that must be rejected."""


@pytest.fixture(scope="session")
def records_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of records of the user's own."""
    return make_pages(tmp_path_factory.mktemp("given"), {"records.jsonl": RECORDS})


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory, records_file: Path) -> Built:
    """The release of records of the user's own, with a quarantine. Not to be changed: copy it."""
    formats = {"formats": ["parquet", "jsonl", "arrow"]}
    return build_pages(
        records_file, tmp_path_factory.mktemp("records"), name="given", export=formats, split={"train": 0.5, "dev": 0.5}
    )


@pytest.fixture
def shared() -> Iterator[Path]:
    """The folder of real pages beside the repository, where it is."""
    if not SHARED.is_dir():
        pytest.skip("no folder `shared` with the real pages beside the repository")
    yield SHARED
