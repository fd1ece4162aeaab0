-- title: What records lack
-- unit: canonical records without a value
-- denominator: all records of the kind
-- over: records
-- needs: titles and the names of authors
-- may: how often a field is empty
-- may-not: that pages do not say it: the segmenter may have missed it
-- source: fields of the records
SELECT kind, count(*) AS records, count(*) - count(title) AS title, count(*) - count(author) AS author,
       count(*) - count(url) AS url, count(*) - count(source) AS source,
       count(*) - count(published) AS published, count(*) - count(captured) AS captured,
       count(*) FILTER (truncated) AS cut_off
FROM records GROUP BY kind ORDER BY kind
