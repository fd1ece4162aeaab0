-- title: Why records were rejected
-- unit: rejected records
-- denominator: rules that a rejected record broke; it may break several
-- over: rejections
-- may: what did not fit the schema or could not be read
-- may-not: that these records are wrong
-- source: manifest.json, `rejections`
SELECT rule, n AS records FROM rejections ORDER BY n DESC, rule LIMIT 50
