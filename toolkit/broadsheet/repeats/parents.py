"""Which comment each comment answers, over rows."""

from collections.abc import Iterable, Mapping

from broadsheet.batches import Row


def parents_of(rows: Iterable[Row], records: Mapping[str, Row]) -> dict[str, str]:
    """The parent's id by the id of the comment: the comment at the position answered, of the same page if possible."""
    at: dict[tuple[str | None, str, int], str] = {}
    comments = [row for row in rows if records[row["id"]]["role"] == "comment"]
    for row in comments:
        record = records[row["id"]]
        if record["thread"] is None or record["position"] is None:
            continue
        pages = [a["page_id"] for a in row["appearances"]]
        for page in (None, *pages):
            key = (page, record["thread"], record["position"])
            at[key] = min(at.get(key, row["id"]), row["id"])
    parents = {}
    for row in comments:
        record = records[row["id"]]
        if record["thread"] is not None and record["reply_to"] is not None:
            where = record["thread"], record["reply_to"]
            parent = at.get((row["page_id"], *where)) or at.get((None, *where))
            if parent:
                parents[row["id"]] = parent
    return _without_circles(parents)


def _without_circles(parents: dict[str, str]) -> dict[str, str]:
    """The parents of all comments but those that, through others or directly, answer themselves."""
    seen: set[str] = set()
    circled: set[str] = set()
    for start in parents:
        way: list[str] = []
        at = start
        while at in parents and at not in seen:
            seen.add(at)
            way.append(at)
            at = parents[at]
        if at in way:
            circled.update(way[way.index(at) :])
    return {id_: parent for id_, parent in parents.items() if id_ not in circled}
