-- title: Formats and encodings
-- unit: pages, bytes
-- note: What decided each encoding, and how many bytes could not be decoded; replacement characters stand for these.
SELECT format,
       encoding,
       decided_by,
       count(*) AS pages,
       sum(n_bytes)::BIGINT AS bytes,
       sum(n_replaced)::BIGINT AS replaced_bytes
FROM pages
GROUP BY ALL
ORDER BY ALL
