-- title: Sums that the caveats tell
-- unit: records, segments, matches
-- denominator: all rows of each kind
-- over: records
-- may: what the tables below add up to
-- may-not: more than they do
-- source: the measures of these names
SELECT (SELECT count(*) FROM articles) AS articles,
       (SELECT count(*) FROM segments) AS segments,
       (SELECT count(*) FROM segments WHERE confidence < 0.7) AS unsure_segments,
       of_texts((SELECT count(*) FROM upstreams)) AS segments_that_name_another_publisher,
       of_texts((SELECT coalesce(sum(mails + phones + addresses + handles), 0)::BIGINT FROM texts)) AS personal_patterns
