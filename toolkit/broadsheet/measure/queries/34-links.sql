-- title: Addresses of web pages in texts
-- unit: records, addresses
-- denominator: all records
-- over: records
-- needs: the texts
-- may: that at least so many addresses stand in the texts
-- may-not: that they still lead anywhere
-- source: texts, by pattern
SELECT kind, count(*) FILTER (n > 0) AS with_addresses, sum(n)::BIGINT AS addresses
FROM (SELECT kind, CASE WHEN contains(text, '://') THEN len(regexp_extract_all(text, 'https?://')) ELSE 0 END AS n FROM records)
GROUP BY kind ORDER BY kind
