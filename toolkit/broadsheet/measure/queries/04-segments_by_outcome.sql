-- title: What became of the segments
-- unit: segments, code points
-- note: Every code point of every page is in exactly one segment.
SELECT outcome, count(*) AS segments, sum("end" - start)::BIGINT AS code_points
FROM segments GROUP BY outcome ORDER BY outcome
