"""Types of the profile as Arrow has them and as Hugging Face has them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from broadsheet.contract.profile import Member, Type, members_of

if TYPE_CHECKING:
    import pyarrow as pa

Json = Any


def arrow_schema(schema: Mapping[str, Json], without: Sequence[str] = ()) -> "pa.Schema":
    """The Arrow schema of an object's schema without references, its columns in the order of the properties.

    Raises: CallError naming the paths of what the profile does not cover.
    """
    return arrow_fields([member for member in members_of(schema) if member.name not in without])


def arrow_fields(members: Iterable[Member]) -> "pa.Schema":
    """The Arrow schema whose columns are the properties."""
    import pyarrow as pa

    return pa.schema([pa.field(m.name, arrow_type(m.type), nullable=m.nullable) for m in members])


def arrow_type(type_: Type) -> "pa.DataType":
    """The Arrow type of a value: only such as every version of `datasets` from 2.16 reads."""
    import pyarrow as pa

    match type_.kind:
        case "instant":
            return pa.timestamp("us", tz="UTC")
        case "date":
            return pa.date32()
        case "integer":
            return {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}[type_.bits]
        case "number":
            return pa.float64()
        case "boolean":
            return pa.bool_()
        case "list":
            assert type_.item
            return pa.list_(pa.field("element", arrow_type(type_.item), nullable=type_.item.nullable))
        case "map":
            assert type_.item
            value = pa.field("value", arrow_type(type_.item), nullable=type_.item.nullable)
            entry = pa.struct([pa.field("key", pa.string(), nullable=False), value])
            return pa.list_(pa.field("element", entry, nullable=False))
        case "struct":
            return pa.struct([pa.field(m.name, arrow_type(m.type), nullable=m.nullable) for m in type_.members])
    return pa.string()


def features(schema: "pa.Schema") -> list[dict[str, Json]]:
    """The Hugging Face features of an Arrow schema, in the form that a dataset card's YAML holds."""
    return [{"name": field.name, **_feature(field.type)} for field in schema]


def _feature(type_: "pa.DataType") -> dict[str, Json]:
    import pyarrow as pa

    if pa.types.is_list(type_):
        inner = _feature(type_.value_type)
        return {"list": inner.get("struct", inner.get("dtype", inner))}
    if pa.types.is_struct(type_):
        return {"struct": [{"name": f.name, **_feature(f.type)} for f in type_.fields]}
    if pa.types.is_timestamp(type_):
        return {"dtype": f"timestamp[{type_.unit}, tz={type_.tz}]"}
    return {"dtype": {"double": "float64", "date32[day]": "date32"}.get(str(type_), str(type_))}
