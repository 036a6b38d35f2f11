# Soft, exceeded, and the next day; what was spent yesterday and told late is
# yesterday's. t0 is noon, so half of the first day is over and was not seen.
config budget=r:10:5:day
add 1h
  span=a end=1h cost=2
cut 1h
add 4h
  span=b end=4h cost=4
cut 4h
add 10h
  span=c end=10h cost=5
cut 10h
cut 13h
add 14h
  span=d end=10h cost=3
  span=e end=14h cost=1
cut 14h
-- out --
add 1h0m0s: accepted=1
cut 1h0m0s
  row r m: success=1 | first=1 | priced=1 delivered=2 duration=1s/1
  component //m output 2 USD
  budget r-budget ok spent=2/10 share=1.00 calls=1
  totals spans=1 calls=1 attempts=1 billed=1 duplicates=0 unpriced=0 no_usage=0 not_billable=0 unstamped=0 tokens=0 pending=0
  USD cost=2 wasted=0 naive=2 priced=1 partly=0
add 4h0m0s: accepted=1
cut 4h0m0s
  row r m: success=2 | first=2 | priced=2 delivered=6 duration=2s/2
  component //m output 6 USD
  budget r-budget soft spent=6/10 share=1.00 calls=2 forecast=18 exhausted=2026-11-23T18:40:00Z
  totals spans=2 calls=2 attempts=2 billed=2 duplicates=0 unpriced=0 no_usage=0 not_billable=0 unstamped=0 tokens=0 pending=0
  USD cost=6 wasted=0 naive=6 priced=2 partly=0
add 10h0m0s: accepted=1
cut 10h0m0s
  row r m: success=3 | first=3 | priced=3 delivered=11 duration=3s/3
  component //m output 11 USD
  budget r-budget exceeded spent=11/10 share=1.00 calls=3 forecast=13.2 exhausted=2026-11-23T22:00:00Z
  totals spans=3 calls=3 attempts=3 billed=3 duplicates=0 unpriced=0 no_usage=0 not_billable=0 unstamped=0 tokens=0 pending=0
  USD cost=11 wasted=0 naive=11 priced=3 partly=0
cut 13h0m0s
  row r m: success=3 | first=3 | priced=3 delivered=11 duration=3s/3
  component //m output 11 USD
  budget r-budget ok spent=0/10 share=1.00 calls=0
  totals spans=3 calls=3 attempts=3 billed=3 duplicates=0 unpriced=0 no_usage=0 not_billable=0 unstamped=0 tokens=0 pending=0
  USD cost=11 wasted=0 naive=11 priced=3 partly=0
add 14h0m0s: accepted=2 late=1
cut 14h0m0s
  row r m: success=5 | first=5 | priced=5 delivered=15 late=1 duration=5s/5
  component //m output 15 USD
  budget r-budget ok spent=1/10 share=1.00 calls=1 forecast=12 exhausted=2026-11-24T20:00:00Z
  totals spans=5 calls=5 attempts=5 billed=5 duplicates=0 unpriced=0 no_usage=0 not_billable=0 unstamped=0 tokens=0 pending=0
  USD cost=15 wasted=0 naive=15 priced=5 partly=0
  self late=1
