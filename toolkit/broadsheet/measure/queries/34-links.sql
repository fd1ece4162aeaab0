-- title: Addresses of web pages in texts
-- unit: records, addresses
-- denominator: all records
-- over: records
-- needs: the texts
-- may: that at least so many addresses stand in the texts
-- may-not: that they still lead anywhere
-- source: texts, by pattern
SELECT kind, sum(with_links)::BIGINT AS with_addresses, sum(links)::BIGINT AS addresses
FROM texts GROUP BY kind ORDER BY kind
