"""Topics that a property of the user's own schema gives articles: what nobody said, no measure says either."""

from collections.abc import Mapping
from typing import Any

from broadsheet.contract import Contract
from broadsheet.errors import CallError


def refuse_topic(name: str | None, contract: Contract) -> None:
    """Raises: CallError where the name is none of a text, or a list of texts, of the user's own schema."""
    types = {extra: contract.members[extra].type for extra in contract.extras}
    fit = [extra for extra, type_ in types.items() if "string" in (type_.kind, type_.item and type_.item.kind)]
    if name and name not in fit:
        known = ", ".join(fit) or "none: name a schema that has one"
        raise CallError(
            f"topic: {name!r} is no property of the dataset's own schema that holds a text or a list of texts; "
            f"known are {known}"
        )


def own_topics(manifest: Mapping[str, Any]) -> str:
    """The statement that makes the table `own_topics`, empty where the configuration names no property."""
    name = manifest["configuration"].get("topic")
    if not name or "standoff" in manifest:
        return "CREATE TEMP TABLE own_topics AS SELECT '' AS id, '' AS told_by, '' AS topic WHERE false;"
    told, field = name.replace("'", "''"), name.replace('"', '""')
    return (
        f"CREATE TEMP TABLE own_topics AS SELECT id, 'the field {told}' AS told_by, topic\n"  # noqa: S608 - escaped
        "FROM (SELECT id, unnest(CASE json_type(given) WHEN 'ARRAY' THEN json_extract_string(given, '$[*]')\n"
        "                         ELSE [json_extract_string(given, '$')] END) AS topic\n"
        f'      FROM (SELECT id, to_json("{field}") AS given FROM articles)) WHERE topic IS NOT NULL;'
    )
