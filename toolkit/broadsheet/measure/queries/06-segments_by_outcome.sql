-- title: What became of the segments
-- unit: segments, code points
-- denominator: all segments
-- over: segments
-- may: that every code point of every page is in exactly one segment
-- may-not: that what is no record is worthless
-- source: table segments, field outcome
SELECT outcome, count(*) AS segments, sum("end" - start)::BIGINT AS code_points
FROM segments GROUP BY outcome ORDER BY outcome
