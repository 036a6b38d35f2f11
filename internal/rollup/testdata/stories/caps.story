# Two rows at most. The third goes to the overflow row of its own route while
# the route is known, the fourth to the overflow of all; totals stay right. The
# route of an SLO keeps a row of its own, and its SLO sees every call.
config limit=2 availability=vip:0.9
add 1s
  span=a route=shop model=m1 cost=1
  span=b route=shop model=m2 cost=2
  span=c route=shop model=m3 cost=4
  span=d route=blog model=m1 cost=8
  span=e route=vip model=m1 cost=16
  span=f route=vip model=m9 cost=32 class=server_error
cut 2s
cut 100s
-- out --
add 1s: accepted=6 overflow=4
cut 2s
  row _overflow _overflow overflow: success=1 | first=1 | priced=1 delivered=8 duration=1s/1
  row shop _overflow overflow: success=1 | first=1 | priced=1 delivered=4 duration=1s/1
  row shop m1: success=1 | first=1 | priced=1 delivered=1 duration=1s/1
  row shop m2: success=1 | first=1 | priced=1 delivered=2 duration=1s/1
  row vip _overflow overflow: success=1 | first=2 attempt.server_error=1 | priced=2 delivered=16 wasted=32 naive=48 duration=1s/1
  component //m1 output 25 USD
  component //m2 output 2 USD
  component _overflow/_overflow/_overflow output 36 USD
  slo vip-availability good=1 bad=0 excluded=0 window=0/0 top=
  totals spans=6 calls=5 attempts=6 billed=6 duplicates=0 unpriced=0 no_usage=0 not_billable=0 unstamped=0 tokens=0 pending=1
  USD cost=63 wasted=32 naive=63 priced=6 partly=0
  self overflow=4
cut 1m40s
  row _overflow _overflow overflow: success=1 | first=1 | priced=1 delivered=8 duration=1s/1
  row shop _overflow overflow: success=1 | first=1 | priced=1 delivered=4 duration=1s/1
  row shop m1: success=1 | first=1 | priced=1 delivered=1 duration=1s/1
  row shop m2: success=1 | first=1 | priced=1 delivered=2 duration=1s/1
  row vip _overflow overflow: success=1 failed=1 call.server_error=1 | first=2 attempt.server_error=1 | priced=2 delivered=16 wasted=32 naive=48 lost=1s duration=1s/1
  component //m1 output 25 USD
  component //m2 output 2 USD
  component _overflow/_overflow/_overflow output 36 USD
  slo vip-availability good=1 bad=1 excluded=0 window=1/2 top=server_error ticket since 40s
  totals spans=6 calls=6 attempts=6 billed=6 duplicates=0 unpriced=0 no_usage=0 not_billable=0 unstamped=0 tokens=0 pending=0
  USD cost=63 wasted=32 naive=63 priced=6 partly=0
  self overflow=4
