-- title: Records with the most appearances
-- unit: appearances, pages
-- denominator: records that appeared more than once
-- over: records
-- may: which records were repeated most
-- may-not: why they were
-- source: table segments, field canonical_id
SELECT canonical_id AS record, count(*) AS appearances, count(DISTINCT page_id) AS pages,
       count(DISTINCT source) AS sources
FROM appearances GROUP BY canonical_id HAVING count(*) > 1
ORDER BY appearances DESC, record LIMIT 10
