# Late calls enter the books and their own minute; clocks that run ahead are
# not believed. The alert windows end a settling time before now.
config settle=60s availability=r:0.9
add 3600s
  span=a end=3599s cost=1
  span=b end=60s cost=1
  span=c end=7200s cost=1
  span=d class=server_error final=yes group=d n=1 end=3500s status=not_billable
  span=e end=0s took=0s cost=1 weight=4
cut 3600s
cut 3720s
-- out --
add 1h0m0s: accepted=5 late=3 future=1
cut 1h0m0s
  row r m: success=4 failed=1 call.server_error=1 | first=5 attempt.server_error=1 | priced=4 not_billable=1 delivered=4 late=3 lost=1s duration=3s/4 extrapolated=8/7
  component //m output 4 USD
  slo r-availability good=4 bad=1 excluded=0 window=1/3 top=server_error ticket since 59m0s
  totals spans=5 calls=5 attempts=5 billed=4 duplicates=0 unpriced=0 no_usage=0 not_billable=1 unstamped=0 tokens=0 pending=0
  USD cost=4 wasted=0 naive=4 priced=4 partly=0
  self late=3 future=1
cut 1h2m0s
  row r m: success=4 failed=1 call.server_error=1 | first=5 attempt.server_error=1 | priced=4 not_billable=1 delivered=4 late=3 lost=1s duration=3s/4 extrapolated=8/7
  component //m output 4 USD
  slo r-availability good=4 bad=1 excluded=0 window=1/5 top=server_error ticket since 59m0s
  totals spans=5 calls=5 attempts=5 billed=4 duplicates=0 unpriced=0 no_usage=0 not_billable=1 unstamped=0 tokens=0 pending=0
  USD cost=4 wasted=0 naive=4 priced=4 partly=0
  self late=3 future=1
