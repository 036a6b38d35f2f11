# One runaway dimension loses its own detail only.
config limit=100 values=2
add 1s
  span=a route=shop model=m1 cost=1
  span=b route=shop model=m2 cost=2
  span=c route=shop model=m3 cost=4
  span=d route=blog model=m4 cost=8
  span=e route=news model=m1 cost=16
cut 2s
-- out --
add 1s: accepted=5 overflow=3
cut 2s
  row _overflow m1 overflow: success=1 | first=1 | priced=1 delivered=16 duration=1s/1
  row blog _overflow overflow: success=1 | first=1 | priced=1 delivered=8 duration=1s/1
  row shop _overflow overflow: success=1 | first=1 | priced=1 delivered=4 duration=1s/1
  row shop m1: success=1 | first=1 | priced=1 delivered=1 duration=1s/1
  row shop m2: success=1 | first=1 | priced=1 delivered=2 duration=1s/1
  component //m1 output 17 USD
  component //m2 output 2 USD
  component _overflow/_overflow/_overflow output 12 USD
  totals spans=5 calls=5 attempts=5 billed=5 duplicates=0 unpriced=0 no_usage=0 not_billable=0 unstamped=0 tokens=0 pending=0
  USD cost=31 wasted=0 naive=31 priced=5 partly=0
  self overflow=3
