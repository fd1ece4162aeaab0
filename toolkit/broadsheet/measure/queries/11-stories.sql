-- title: Stories
-- unit: stories, canonical records
-- denominator: all records
-- over: records
-- may: how many units the splits were made of
-- may-not: that records of one story tell the same
-- source: field story
SELECT count(*) AS stories, coalesce(max(n), 0) AS largest
FROM (SELECT story, count(*) AS n FROM records GROUP BY story)
