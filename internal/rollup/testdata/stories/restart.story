# A restart between the failure and its answer, and a redelivery across it.
config availability=r:0.9 budget=r:10:5:24h
add 1s
  span=a group=a n=1 kind=first class=timeout status=not_billable end=1s
  span=x cost=1 response=resp-000000000000001
restart 10s
add 20s
  span=b group=a n=2 kind=retry cost=3 end=19s
  span=x cost=1 response=resp-000000000000001
  span=y cost=1 response=resp-000000000000001
cut 30s
restart 40s
cut 120s
-- out --
add 1s: accepted=2
add 20s: accepted=2 redelivered=1 duplicate=1
cut 30s
  row r m: success=1 recovered_retry=1 | first=2 retry=1 attempt.timeout=1 | priced=2 not_billable=1 duplicate=1 delivered=4 naive=5 duration=20s/2
  component //m output 4 USD
  slo r-availability good=2 bad=0 excluded=0 window=0/0 top=
  budget r-budget ok spent=4/10 share=1.00 calls=2
  totals spans=4 calls=2 attempts=3 billed=2 duplicates=1 unpriced=0 no_usage=0 not_billable=1 unstamped=0 tokens=0 pending=0
  USD cost=4 wasted=0 naive=5 priced=2 partly=0
  self redelivered=1 duplicate_bills=1
cut 2m0s
  row r m: success=1 recovered_retry=1 | first=2 retry=1 attempt.timeout=1 | priced=2 not_billable=1 duplicate=1 delivered=4 naive=5 duration=20s/2
  component //m output 4 USD
  slo r-availability good=2 bad=0 excluded=0 window=0/2 top=
  budget r-budget ok spent=4/10 share=1.00 calls=2
  totals spans=4 calls=2 attempts=3 billed=2 duplicates=1 unpriced=0 no_usage=0 not_billable=1 unstamped=0 tokens=0 pending=0
  USD cost=4 wasted=0 naive=5 priced=2 partly=0
  self redelivered=1 duplicate_bills=1
