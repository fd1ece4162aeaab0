-- title: How much each source was inflated before folding
-- unit: appearances over distinct records, in percent, with an interval
-- denominator: distinct records that stood on the source's pages
-- over: (FROM segments WHERE record_id IS NOT NULL)
-- then: bootstrap
-- may: by how much counting pages overstates a source
-- may-not: that repeats are errors
-- source: table segments; an interval by drawing bundles of records again
SELECT named(source) AS source, left(canonical_id, 2) AS cluster, count(*) AS part,
       count(DISTINCT canonical_id) AS whole
FROM appearances GROUP BY ALL ORDER BY ALL
