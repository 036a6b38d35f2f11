# What a rule said of a failure holds over a restart, and of an answer at once;
# an earlier attempt's does not decide the call.
config availability=r:0.9
add 1s
  span=a class=server_error ruled=excluded status=not_billable end=1s
  span=b class=server_error status=not_billable end=1s
  span=c cost=1 ruled=bad end=1s
  span=d class=bad_request ruled=bad status=not_billable end=1s
  span=e group=e n=1 kind=first class=timeout ruled=bad status=not_billable end=1s
restart 10s
add 12s
  span=f group=e n=2 kind=retry cost=3 end=11s
cut 120s
-- out --
add 1s: accepted=5
add 12s: accepted=1
cut 2m0s
  row r m: success=1 recovered_retry=1 failed=2 rejected=1 call.server_error=2 call.bad_request=1 | first=5 retry=1 attempt.timeout=1 attempt.server_error=2 attempt.bad_request=1 | priced=2 not_billable=4 delivered=4 lost=3s duration=12s/2
  component //m output 4 USD
  slo r-availability good=1 bad=3 excluded=1 window=3/4 top= page since 1m0s ticket since 1m0s
  totals spans=6 calls=5 attempts=6 billed=2 duplicates=0 unpriced=0 no_usage=0 not_billable=4 unstamped=0 tokens=0 pending=0
  USD cost=4 wasted=0 naive=4 priced=2 partly=0
