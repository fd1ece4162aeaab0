-- title: Records with the most appearances
-- unit: appearances, pages
-- denominator: records that appeared more than once
-- over: records
-- may: which records were repeated most
-- may-not: why they were
-- source: table segments, field canonical_id
SELECT canonical_id AS record, count(*) AS appearances, count(DISTINCT page_id) AS pages,
       count(DISTINCT source) AS sources
FROM appearances WHERE canonical_id IN (
  SELECT id FROM appeared WHERE n > 1 ORDER BY n DESC, id LIMIT 10)
GROUP BY canonical_id ORDER BY appearances DESC, record
