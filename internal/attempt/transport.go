package attempt

import (
	"cmp"
	"slices"
)

// httpChain is the HTTP attempts below one LLM span: one request sent again
// after failures that allow it.
type httpChain struct {
	owner   int32   // call
	members []int32 // skeletons (index into reducer.skels), in order
}

// backoff is the time between the attempts, nanoseconds.
func (h *httpChain) backoff(skels []skelRec) (sum int64) {
	for k := 1; k < len(h.members); k++ {
		sum += max(0, skels[h.members[k]].start-skels[h.members[k-1]].end)
	}
	return sum
}

// transport finds the HTTP attempts of an LLM span: client spans below it with
// the same method, host and path, each after a failure that clients retry.
// Token fetches differ in host or path, redirects and challenges are no such
// failures, and mirrored or policy traffic was never taken in.
func (r *reducer) transport(owner int32) {
	from := len(r.open)
	r.open = r.httpBelow(owner, r.open)
	found := r.open[from:]
	slices.SortFunc(found, r.httpLess)
	for i, a := range found {
		if a == none {
			continue
		}
		x := &r.skels[a]
		var members []int32
		for j := i + 1; j < len(found) && !x.has(fSucceeded) && x.retryable(); j++ {
			b := found[j]
			if b == none {
				continue
			}
			if y := &r.skels[b]; y.endpoint == x.endpoint && y.start >= x.end-overlap && len(members) < r.cfg.MaxAttempts {
				if members == nil {
					members = append(members, a)
				}
				members = append(members, b)
				found[j] = none
				x = y
			}
		}
		if members != nil {
			r.http = append(r.http, httpChain{owner, members})
		}
	}
	r.open = r.open[:from]
}

func (r *reducer) httpLess(a, b int32) int {
	x, y := &r.skels[a], &r.skels[b]
	return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(x.end, y.end), slices.Compare(x.span[:], y.span[:]))
}

// httpBelow appends the HTTP client spans below a node that no other LLM,
// HTTP or barrier span stands between.
func (r *reducer) httpBelow(node int32, out []int32) []int32 {
	for child := r.first[node]; child != none; child = r.sibl[child] {
		s := r.skel(child)
		switch {
		case s == nil:
		case s.has(fHTTPClient):
			out = append(out, child-int32(len(r.calls)))
		case !s.has(fHTTP) && !s.has(fServer) && !s.has(fBarrier):
			out = r.httpBelow(child, out)
		}
	}
	return out
}

// unobserved reports whether the caller of a failed call got an answer all the
// same: the span at the next layer, a SERVER span of a gateway or an LLM span,
// succeeded, so that the answering attempt was lost or the span lies. An
// application's own handler proves nothing: it may have answered without a
// model.
func (r *reducer) unobserved(call int32) bool {
	server := false
	hops := 0
	for i := r.up[call]; i != none && int(i) < len(r.up) && hops <= len(r.up); i = r.up[i] {
		hops++
		if c := r.call(i); c != nil {
			switch {
			case c.isLLM():
				if !c.failed() {
					return true
				}
				server = true // a failed gateway span: only a caller's answer counts now
				continue
			case c.has(fBarrier):
				return false
			}
			continue
		}
		s := r.skel(i)
		switch {
		case s.has(fBarrier):
			return false
		case s.has(fServer) && !server:
			if s.has(fSucceeded) && !s.failed() && !s.has(fOwnRoute) {
				return true
			}
			server = true
		}
	}
	return false
}
