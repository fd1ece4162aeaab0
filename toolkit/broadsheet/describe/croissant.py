"""`croissant.json`: the release for machines, in Croissant 1.1 with the properties of Croissant-RAI 1.0.

Also what NeurIPS asks for beyond these: `rai:hasSyntheticData`, `prov:wasDerivedFrom`, `prov:wasGeneratedBy`. The
context says `https://schema.org/`, not `http:` as in the appendix of the specification: the reference reader accepts
no other. A record set is bound to the files of one config and split; references of a record set to itself, such as of a
reply to its parent, are left out, since that reader takes them for a circle.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from broadsheet.describe import licenses
from broadsheet.describe.answers import answers, is_draft, resolved
from broadsheet.describe.caveats import caveats
from broadsheet.describe.citation import bibtex, plain
from broadsheet.describe.datasheet import program_answers
from broadsheet.describe.facts import Facts

if TYPE_CHECKING:
    import pyarrow as pa

_CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES: Final = {"string": "sc:Text", "double": "sc:Float", "bool": "sc:Boolean", "int32": "sc:Integer",
                 "int64": "sc:Integer", "date32[day]": "sc:Date"}  # fmt: skip
_FROM_ANSWERS: Final[Mapping[str, Sequence[str]]] = {
    "dataCollection": ("L1", "L2"),
    "dataCollectionMissingData": ("C6",),
    "dataCollectionRawData": ("P2", "C4"),
    "dataAnnotationProtocol": ("C5",),
    "dataManipulationProtocol": ("P1",),
    "dataPreprocessingProtocol": ("P1",),
    "dataReleaseMaintenancePlan": ("X4", "X6", "X3"),
    "personalSensitiveInformation": ("C11", "C14", "C15"),
    "dataSocialImpact": ("U4",),
    "dataUseCases": ("M1", "U3", "U5"),
}
"""The properties of Croissant-RAI that answers fill, by the questions."""
_FIXED: Final = {
    "dataImputationProtocol": "Nothing is imputed: what a page does not say is null.",
    "dataAnnotationPlatform": "None: roles and bounds were found by a program.",
    "dataAnnotationAnalysis": "None by people. The confidence of each segment is in the record set of segments.",
    "annotationsPerItem": "One, by a program.",
    "annotatorDemographics": "None: no person annotated.",
}


def croissant(facts: Facts) -> str:
    """The description as JSON-LD. It holds nothing that the other documents do not."""
    config = facts.config
    lines = [*([f"DRAFT: {_OPEN}"] if is_draft(facts) else []), plain(config.get("description") or facts.title)]
    entry: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": config["name"],
        "alternateName": plain(facts.title),
        "description": " ".join(lines),
        "url": config.get("url") or _identifier(facts),
        "version": config["version"],
        "license": _license(config.get("license")),
        "creator": [_person(author) for author in config.get("authors") or [{"name": "unknown"}]],
        "citeAs": bibtex(facts),
        "isLiveDataset": False,
    }
    if config.get("released"):
        entry["datePublished"] = config["released"]
    if config.get("keywords"):
        entry["keywords"] = [plain(word) for word in config["keywords"]]
    languages = [row["language"] for row in facts.rows("languages") if row["language"] != "und"]
    if languages:
        entry["inLanguage"] = languages
    entry |= {f"rai:{name}": value for name, value in _rai(facts).items()}
    entry |= _provenance(facts)
    entry["distribution"] = [_file(facts, path) for _, path in _shards(facts)]
    entry["recordSet"] = [_splits(facts), *(_record_set(facts, table, path) for table, path in _shards(facts))]
    return json.dumps(entry, ensure_ascii=False, indent=1) + "\n"


_OPEN: Final = "questions of the datasheet are open."


def _identifier(facts: Facts) -> str:
    """An address for what has none yet: the digest of its rows as a URN."""
    doi = facts.config.get("identifier")
    return f"https://doi.org/{doi}" if doi else f"urn:sha256:{facts.manifest['logical_digest']}"


def _license(given: str | None) -> str:
    return (licenses.url(given) or given) if given else "No licence has been stated for the compilation."


def _person(author: Mapping[str, str]) -> dict[str, str]:
    """A person where there is an ORCID iD; what else is a person nobody has said."""
    if author.get("orcid"):
        return {"@type": "sc:Person", "name": plain(author["name"]), "url": f"https://orcid.org/{author['orcid']}"}
    return {"@type": "sc:Organization", "name": plain(author["name"])}


def _rai(facts: Facts) -> dict[str, Any]:
    """All properties of Croissant-RAI: from caveats, answers and measures; what is open says so."""
    given, known = answers(facts.config), program_answers(facts)

    def said(ids: Sequence[str]) -> str:
        texts = [plain(known[id_]) for id_ in ids if id_ in known]
        texts += [plain(resolved(facts, given[id_])) for id_ in ids if id_ in given]
        waiting = [id_ for id_ in ids if id_ not in known and id_ not in given]
        texts += [f"Open: question {', '.join(waiting)} of the datasheet."] if waiting else []
        return " ".join(texts)

    found: dict[str, Any] = {name: said(ids) for name, ids in _FROM_ANSWERS.items()}
    for name, kind in (("dataBiases", "bias"), ("dataLimitations", "limitation")):
        its = [f"{plain(c.statement)} {plain(c.advice)}" for c in caveats(facts) if c.kind == kind]
        found[name] = its or ["None is known beyond what the datasheet says."]
    (dates,) = facts.rows("dates")
    timeframe = [dates["first_capture"], dates["last_capture"]]
    found["dataCollectionTimeframe"] = timeframe if "(none)" not in timeframe else "Open: no time of capture is known."
    found["dataCollectionType"] = ["Web Scraping", "Secondary Data analysis"]
    if facts.measures["comments_by"]["rows"]:
        found["dataCollectionType"].insert(1, "User-generated content data")
    found["machineAnnotationTools"] = [
        f"{name} {facts.manifest['versions'][name]}" for name in ("broadsheet", "segmenter", "repeats")
    ]
    found |= _FIXED
    # Whether a text was written by a program no program can tell.
    found["hasSyntheticData"] = facts.config.get("synthetic", "Open: set `synthetic` in dataset.toml.")
    return dict(sorted(found.items()))


def _provenance(facts: Facts) -> dict[str, Any]:
    """Where the data come from, and the three activities that made it."""
    manifest = facts.manifest
    inputs = manifest["inputs"]["files"]
    shown = facts.rows("pages_by_source")
    broadsheet = {"@type": "prov:SoftwareAgent", "prov:label": f"Broadsheet {manifest['versions']['broadsheet']}"}

    def activity(type_: str, label: str, text: str) -> dict[str, Any]:
        return {"@type": "prov:Activity", "prov:type": {"@id": f"https://www.wikidata.org/wiki/{type_}"},
                "prov:label": label, "sc:description": text, "prov:wasAssociatedWith": broadsheet}  # fmt: skip

    return {
        "prov:wasDerivedFrom": [
            {
                "@type": "prov:Entity",
                "prov:label": plain(row["source"]),
                "sc:description": f"{row['pages']} pages, {row['captures']} captures",
            }
            for row in shown
        ],
        "prov:wasGeneratedBy": [
            activity("Q4929239", "collection", f"Files read: {len(inputs)}; manifest.json names them."),
            activity("Q5227332", "preprocessing", plain(program_answers(facts)["P1"])),
            activity("Q109719325", "annotation", "Roles, parts, languages and relations were found by a program."),
        ],
    }  # fmt: skip


def _file(facts: Facts, path: str) -> dict[str, Any]:
    sha256, n_bytes = facts.sealed[path]
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "contentUrl": path,
        "contentSize": f"{n_bytes} B",
        "encodingFormat": "application/x-parquet",
        "sha256": sha256,
    }


def _splits(facts: Facts) -> dict[str, Any]:
    names = list(dict.fromkeys(table["split"] for table in facts.tables))
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [{"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"}],
        "data": [{"splits/name": name} for name in names],
    }


def _shards(facts: Facts) -> list[tuple[Mapping[str, Any], str]]:
    return [(table, path) for table in facts.tables for path in table["files"]["parquet"]]


def _record_set(facts: Facts, table: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The rows of a file, field by field. Several files of a split are as many record sets."""
    config, split = table["config"], table["split"]
    paths = table["files"]["parquet"]
    id_ = f"{config}-{split}" + (f"-{paths.index(path)}" if len(paths) > 1 else "")
    described = facts.contract.row_schema(config)["properties"]
    key = {"pages": ["page_id"], "segments": ["page_id", "start"], "pairs": ["a", "b"]}.get(config, ["id"])
    return {
        "@type": "cr:RecordSet",
        "@id": id_,
        "name": id_,
        "description": f"The rows of {config} in the split {split}, from {path}.",
        "key": [{"@id": _id(id_, name)} for name in key],
        "field": [
            _field(id_, path, field, plain(described.get(field.name, {}).get("description", field.name)))
            for field in facts.contract.columns(config)
        ],
    }


def _id(*names: str) -> str:
    """An id of names of properties, which may hold anything: the reference reader refuses white space, escaped, too."""
    return "/".join(_ODD.sub(lambda match: f"~{ord(match[0]):x}", name) for name in names)


_ODD: Final = re.compile(r"[^A-Za-z0-9_.-]")


def _field(id_: str, path: str, field: "pa.Field", description: str) -> dict[str, Any]:
    """A column; what a struct or a list of structs holds as sub-fields, by paths of JSON; a list as an array."""
    import pyarrow as pa

    type_, column = field.type, {"fileObject": {"@id": path}, "extract": {"column": field.name}}
    head = {"@type": "cr:Field", "@id": _id(id_, field.name), "name": field.name, "description": description}
    is_list = pa.types.is_list(type_)
    inner = type_.value_type if is_list else type_
    if pa.types.is_struct(inner):
        below = "$[*]" if is_list else "$"
        parts = [
            {
                "@type": "cr:Field",
                "@id": _id(id_, field.name, part.name),
                "name": part.name,
                "dataType": _data_type(part.type),
                "source": column | {"transform": {"jsonPath": f"{below}[{_quoted(part.name)}]"}},
            }
            for part in inner.fields
        ]
        return head | {"subField": parts} | ({"repeated": True} if is_list else {})
    shape = {"isArray": True, "arrayShape": "-1"} if is_list else {}
    return head | {"dataType": _data_type(inner), "source": column} | shape


def _quoted(name: str) -> str:
    """The name of a member in a path: in quotes, since `where` and others are words of the reference reader's own."""
    if '"' in name and "'" not in name:
        return f"'{name}'"
    return json.dumps(name, ensure_ascii=False)


def _data_type(type_: "pa.DataType") -> str:
    """The type in Croissant's words; what has none there is text."""
    return _TYPES.get(str(type_), "sc:DateTime" if str(type_).startswith("timestamp") else "sc:Text")
