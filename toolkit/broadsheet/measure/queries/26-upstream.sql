-- title: What texts say of where they come from
-- unit: segments
-- denominator: lines that begin with via, source or originally published
-- over: (FROM segments WHERE record_id IS NOT NULL)
-- missing: (page_id, "start") NOT IN (SELECT (page_id, "start") FROM upstreams)
-- needs: the texts
-- may: that at least so many articles name another publisher
-- may-not: that the others are the source's own; works in English only
-- source: table pages, at most 100,000, lines of the segments of records, by pattern
SELECT upstream, count(*) AS segments, count(DISTINCT page_id) AS pages
FROM upstreams GROUP BY upstream ORDER BY segments DESC, upstream LIMIT 20
