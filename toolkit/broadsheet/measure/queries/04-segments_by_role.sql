-- title: What the pages consist of
-- unit: segments, code points
-- denominator: all segments
-- over: segments
-- may: how the segmenter cut the pages
-- may-not: how a person would have cut them
-- source: table segments, field role
SELECT role, count(*) AS segments, sum("end" - start)::BIGINT AS code_points,
       percent(sum("end" - start), sum(sum("end" - start)) OVER ()) AS percent_of_code_points
FROM segments GROUP BY role ORDER BY role
