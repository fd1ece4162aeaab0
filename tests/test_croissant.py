"""`croissant.json`: the reference reader generates every record; the shapes hold; files are the release's."""

import hashlib
import json
import logging
import warnings
from pathlib import Path
from typing import Any

import pytest
from sites import ROOT, build_pages, make_pages

from broadsheet.build import Built

pytestmark = pytest.mark.filterwarnings("ignore")  # the libraries' own, by the thousand
SHAPES = ROOT / "tests/formats/croissant.ttl"
RAI = (
    "dataCollection", "dataCollectionType", "dataCollectionMissingData", "dataCollectionRawData",
    "dataCollectionTimeframe", "dataImputationProtocol", "dataManipulationProtocol", "dataPreprocessingProtocol",
    "dataAnnotationProtocol", "dataAnnotationPlatform", "dataAnnotationAnalysis", "annotationsPerItem",
    "annotatorDemographics", "machineAnnotationTools", "dataReleaseMaintenancePlan", "personalSensitiveInformation",
    "dataSocialImpact", "dataBiases", "dataLimitations", "dataUseCases", "hasSyntheticData",
)  # fmt: skip
"""The 20 properties of Croissant-RAI 1.0, and the one of NeurIPS beside them in its name space."""


def _load(release: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((release / "croissant.json").read_text("utf-8"))
    return found


def _conforms(path: Path) -> bool:
    import pyshacl

    conforms, _, _ = pyshacl.validate(
        path.read_text("utf-8"),
        shacl_graph=SHAPES.read_text("utf-8"),
        data_graph_format="json-ld",
        shacl_graph_format="turtle",
    )
    return bool(conforms)


def _counts(release: Path) -> dict[str, int]:
    import mlcroissant

    logging.disable(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = mlcroissant.Dataset(str(release / "croissant.json"))
        found = {
            records.uuid: sum(1 for _ in dataset.records(records.uuid)) for records in dataset.metadata.record_sets
        }
    logging.disable(logging.NOTSET)
    return found


def test_the_reference_reader_generates_every_record(harbour: Built, records: Built) -> None:
    """As many records of each config and split as the manifest says, also of lists of structs."""
    for built in (harbour, records):
        splits = {table["split"] for table in built.manifest["tables"]}
        expected = {f"{table['config']}-{table['split']}": table["n_rows"] for table in built.manifest["tables"]}
        assert _counts(built.path) == {"splits": len(splits), **expected}


def test_fields_of_ones_own_schema_are_generated(tmp_path: Path) -> None:
    """Numbers, dates, lists and lists of structs of a user's own come through the reference reader."""
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": ["integer", "null"]},
            "day": {"type": ["string", "null"], "format": "date"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "links": {
                "type": "array",
                "items": {
                    "type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"],
                    "additionalProperties": False,
                },
            },
        },
    }  # fmt: skip
    (tmp_path / "own.schema.json").write_text(json.dumps(schema))
    row = {"text": "A swan came.", "n": 1, "day": "2026-01-02", "tags": ["a", "b"], "links": [{"to": "x"}]}
    more = {"text": "It left again.", "n": None, "day": None, "tags": [], "links": []}
    site = make_pages(tmp_path / "site", {"a.jsonl": f"{json.dumps(row)}\n{json.dumps(more)}\n"})
    built = build_pages(site, tmp_path / "out", schema=str(tmp_path / "own.schema.json"))
    assert _counts(built.path)["articles-train"] == 2


def test_the_shapes_hold_and_find_what_lacks(harbour: Built, tmp_path: Path) -> None:
    """A description without a name, a licence, a bias or a digest, which the reference validator passes, is found."""
    assert _conforms(harbour.path / "croissant.json")
    for lacking in ("name", "license", "rai:dataBiases", "prov:wasGeneratedBy", "sha256"):
        damaged = _load(harbour.path)
        if lacking == "sha256":
            del damaged["distribution"][0]["sha256"]
        else:
            del damaged[lacking]
        file = tmp_path / "croissant.json"
        file.write_text(json.dumps(damaged))
        assert not _conforms(file), lacking


def test_every_property_is_filled_and_what_is_open_says_so(harbour: Built) -> None:
    """All RAI properties stand; those of open questions name these; biases and limitations are the caveats."""
    found = _load(harbour.path)
    assert {key[4:] for key in found if key.startswith("rai:")} == set(RAI)
    assert all(found[f"rai:{name}"] for name in RAI)
    assert "Open: question C14, C15 of the datasheet." in found["rai:personalSensitiveInformation"]
    assert found["rai:dataBiases"][0].startswith("25 of 32 articles of a known source come from courier.example")
    assert found["@context"]["@vocab"] == "https://schema.org/"


def test_ids_are_unique_and_files_are_as_described(harbour: Built) -> None:
    """No id twice; every file is there with the size and digest that are told."""
    found = _load(harbour.path)
    ids = [node["@id"] for node in _nodes(found) if "@type" in node and "@id" in node]
    assert len(ids) == len(set(ids))
    for file in found["distribution"]:
        content = (harbour.path / file["contentUrl"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["contentSize"] == f"{len(content)} B"
    assert len(found["distribution"]) == len(list(harbour.path.glob("data/*/*.parquet")))


def _nodes(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(node for key, inner in value.items() if key != "@context" for node in _nodes(inner))]
    return [node for inner in value for node in _nodes(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    ("given", "told"), [(True, True), (False, False), (None, "Open: set `synthetic` in dataset.toml.")]
)
def test_only_a_person_says_whether_texts_are_synthetic(tmp_path: Path, given: bool | None, told: Any) -> None:
    """What nobody said is open, not false."""
    site = make_pages(tmp_path / "site", {"a.jsonl": '{"text": "A swan came."}\n'})
    built = build_pages(site, tmp_path / "out", **({} if given is None else {"synthetic": given}))
    assert _load(built.path)["rai:hasSyntheticData"] == told
