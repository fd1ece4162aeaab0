-- title: Formats and encodings
-- unit: pages, bytes
-- denominator: all pages
-- over: pages
-- may: what decided each encoding, and how many bytes could not be decoded
-- may-not: that decoded text is right
-- source: table pages
SELECT format, encoding, decided_by, count(*) AS pages, sum(n_bytes)::BIGINT AS bytes,
       sum(n_replaced)::BIGINT AS replaced_bytes
FROM pages GROUP BY ALL ORDER BY ALL
