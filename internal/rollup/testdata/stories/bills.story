# One bill, many descriptions. The processor knew of the first duplicate; the
# second is found by its response id, in another trace; short ids are counters
# of local servers and differ between traces. A roll-up without a bill is no
# call. The naive sum has them all.
add 1s
  trace=1 span=a response=chatcmpl-0123456789abcdef cost=0.5 in=100
  trace=1 span=b status=duplicate list=0.5 in=100
  trace=2 span=c response=chatcmpl-0123456789abcdef cost=0.5 in=100
  trace=1 span=d role=rollup status=not_billable list=0.5 in=100
  trace=3 span=e response=chatcmpl-1 cost=0.25
  trace=4 span=f response=chatcmpl-1 cost=0.25
  trace=1 span=g role=rollup cost=0.125
cut 2s
# The sender was not sure and sends the batch again: nothing changes.
add 3s
  trace=1 span=a response=chatcmpl-0123456789abcdef cost=0.5 in=100
  trace=3 span=e response=chatcmpl-1 cost=0.25
cut 4s
# First seen without a price, then with one: unknown money becomes known,
# tokens and the call were counted before.
add 5s
  trace=5 span=h response=chatcmpl-fedcba9876543210 status=unpriced_model in=7
  trace=6 span=i response=chatcmpl-fedcba9876543210 cost=2 in=7
  trace=7 span=j response=chatcmpl-fedcba9876543210 cost=2 in=7
cut 6s
-- out --
add 1s: accepted=7 duplicate=1
cut 2s
  row r m: success=4 | first=4 | priced=4 not_billable=1 duplicate=2 input=100 delivered=1.125 naive=2.625 duration=4s/4
  component //m output 1.125 USD
  totals spans=7 calls=4 attempts=4 billed=4 duplicates=2 unpriced=0 no_usage=0 not_billable=1 unstamped=0 tokens=100 pending=0
  USD cost=1.125 wasted=0 naive=2.625 priced=4 partly=0
  self duplicate_bills=1
add 3s: redelivered=2
cut 4s
  row r m: success=4 | first=4 | priced=4 not_billable=1 duplicate=2 input=100 delivered=1.125 naive=2.625 duration=4s/4
  component //m output 1.125 USD
  totals spans=7 calls=4 attempts=4 billed=4 duplicates=2 unpriced=0 no_usage=0 not_billable=1 unstamped=0 tokens=100 pending=0
  USD cost=1.125 wasted=0 naive=2.625 priced=4 partly=0
  self redelivered=2 duplicate_bills=1
add 5s: accepted=3 duplicate=1
cut 6s
  row r m: success=5 | first=5 | priced=5 unpriced_model=1 not_billable=1 duplicate=3 input=107 delivered=3.125 naive=6.625 duration=5s/5
  component //m output 3.125 USD
  unpriced //m unpriced_model calls=1 tokens=7
  totals spans=10 calls=5 attempts=5 billed=5 duplicates=3 unpriced=1 no_usage=0 not_billable=1 unstamped=0 tokens=107 pending=0
  USD cost=3.125 wasted=0 naive=6.625 priced=5 partly=0
  self redelivered=2 duplicate_bills=2
