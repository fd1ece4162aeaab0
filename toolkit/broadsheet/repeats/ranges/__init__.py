"""Folding as many tasks: what one task does with all records, each of these does with a bucket or a range of hashes.

    bucket of records   `digest_records`     the words and shingles of its texts, dealt to ranges by their hashes
    range of hashes     `count_range`        which texts are equal, and how many have each shingle
    bucket of records   `select_probes`      by which rare shingles its texts are looked for, dealt to ranges
    range of hashes     `meet_range`         which text's probes stand in which longer text
    bucket of the short `gather_candidates`  whose probes were met often enough, with its shingles
    bucket of the long  `verify_pairs`       what the two share, exactly
    all                 `tie_records`        which records belong to one story: the one task that knows all of them
    bucket of records   `deal_records`       records that have others in their story, dealt to units of whole stories
    unit of stories     `fold_unit`          what folds into what: the same code as in one task
    bucket of records   `settle_fates`       the outcome, in the order of ids

Every task reads one batch of every file of the step before it, so that its memory is that of its share of the records,
and pairs, relations and folds are those that one task finds. A record is called by its address: the number of its
bucket times 2**32, plus its place there.
"""
