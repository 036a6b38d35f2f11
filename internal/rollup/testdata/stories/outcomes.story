# How a call ends follows from its class: the client's will, the client's
# fault, or a failure. A weak sign of recovery is counted apart.
add 1s
  span=a class=cancelled status=not_billable
  span=b class=bad_request status=not_billable
  span=c class=context_length status=not_billable
  span=d class=model_not_found status=not_billable
  span=e class=unknown status=no_usage
  span=f class=server_error probable status=no_usage
  span=g outcome=recovered_retry cost=1
cut 2s
cut 61s
-- out --
add 1s: accepted=7
cut 2s
  row r m: recovered_retry=1 recovered_probable=1 | first=7 attempt.server_error=1 attempt.context_length=1 attempt.bad_request=1 attempt.model_not_found=1 attempt.cancelled=1 attempt.unknown=1 | priced=1 no_usage=2 not_billable=4 delivered=1 lost=1s duration=1s/1
  component //m output 1 USD
  unpriced //m no_usage calls=2 tokens=0
  totals spans=7 calls=2 attempts=7 billed=1 duplicates=0 unpriced=0 no_usage=2 not_billable=4 unstamped=0 tokens=0 pending=5
  USD cost=1 wasted=0 naive=1 priced=1 partly=0
  self unclassified=1
cut 1m1s
  row r m: recovered_retry=1 recovered_probable=1 failed=2 cancelled=1 rejected=2 call.context_length=1 call.bad_request=1 call.model_not_found=1 call.cancelled=1 call.unknown=1 | first=7 attempt.server_error=1 attempt.context_length=1 attempt.bad_request=1 attempt.model_not_found=1 attempt.cancelled=1 attempt.unknown=1 | priced=1 no_usage=2 not_billable=4 delivered=1 lost=6s duration=1s/1
  component //m output 1 USD
  unpriced //m no_usage calls=2 tokens=0
  totals spans=7 calls=7 attempts=7 billed=1 duplicates=0 unpriced=0 no_usage=2 not_billable=4 unstamped=0 tokens=0 pending=0
  USD cost=1 wasted=0 naive=1 priced=1 partly=0
  self unclassified=1
