-- Every appearance of a record on a page, once, with the source of the page.
CREATE TEMP TABLE appearances AS
SELECT DISTINCT page_id, canonical_id, record_id, coalesce(-1 - article, "start") AS own, source
FROM segments JOIN (SELECT page_id, captures[1].source AS source FROM pages) USING (page_id)
WHERE canonical_id IS NOT NULL;

CREATE TEMP TABLE appeared AS SELECT canonical_id AS id, count(*) AS n FROM appearances GROUP BY canonical_id;
