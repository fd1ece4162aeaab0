"""The contract: the JSON Schemas, the types that follow from them, validation, ids and digests."""

from broadsheet.contract.captures import capture_of, claimed_time
from broadsheet.contract.checks import Error, checks, error_at, validator
from broadsheet.contract.ids import canonical_json, digest, page_id, record_id
from broadsheet.contract.record import OWN_FIELDS, Contract
from broadsheet.contract.reference import reference_checks
from broadsheet.contract.schemas import (
    KINDS,
    LEDGER_CONFIGS,
    LEDGER_SPLIT,
    RECORD_CONFIGS,
    SCHEMAS,
    schema,
    schema_path,
)
from broadsheet.contract.tally import Example, Tally
from broadsheet.contract.times import instant, utc, utc_of
from broadsheet.contract.types import arrow_schema, features

__all__ = [
    "KINDS",
    "LEDGER_CONFIGS",
    "LEDGER_SPLIT",
    "OWN_FIELDS",
    "RECORD_CONFIGS",
    "SCHEMAS",
    "Contract",
    "Error",
    "Example",
    "Tally",
    "arrow_schema",
    "canonical_json",
    "capture_of",
    "checks",
    "claimed_time",
    "digest",
    "error_at",
    "features",
    "instant",
    "page_id",
    "record_id",
    "reference_checks",
    "schema",
    "schema_path",
    "utc",
    "utc_of",
    "validator",
]
