package attempt

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/spanledger/spanledger/internal/failure"
	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// A story writes one span a line:
//
//	<id> <kind> [< <parent>] <start>-<end> [key=value ...]
//
// kind is llm, rollup, post (an HTTP client span), server, agent, tool, step or
// raw (an HTTP client span to a provider, read as a call). A line "--" ends a
// batch. Times are milliseconds; tok=in/out, id=response, x=error class.
type story struct {
	t   *testing.T
	m   *Memory
	got map[string]Verdict
	tr  Trace
}

func tell(t *testing.T, cfg Config, text string) *story {
	t.Helper()
	s := &story{t: t, m: NewMemory(cfg), got: map[string]Verdict{}}
	b := &Batch{}
	flush := func() {
		for i, v := range s.m.Observe(b, t0, nil) {
			s.got[unpad(b.Calls[i].Span)] = v
		}
		b = &Batch{}
	}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
			continue
		case f[0] == "--":
			flush()
			continue
		}
		c, sk := s.span(f)
		if c != nil {
			b.Calls, s.tr.Calls = append(b.Calls, c), append(s.tr.Calls, c)
		}
		if sk != nil {
			b.Skeletons, s.tr.Skeletons = append(b.Skeletons, sk), append(s.tr.Skeletons, sk)
		}
	}
	flush()
	return s
}

func (s *story) span(f []string) (*llm.Call, *llm.Skeleton) {
	id, kind, f := f[0], f[1], f[2:]
	kv := map[string]string{"trace": "t1", "model": "gpt-4o", "host": "api.openai.com"}
	if f[0] == "<" {
		kv["parent"], f = f[1], f[2:]
	}
	from, to, _ := strings.Cut(f[0], "-")
	start, err1 := strconv.Atoi(from)
	end, err2 := strconv.Atoi(to)
	if err1 != nil || err2 != nil {
		s.t.Fatalf("%s: times %q", id, f[0])
	}
	for _, p := range f[1:] {
		k, v, _ := strings.Cut(p, "=")
		kv[k] = v
	}
	num := func(k string) int { n, _ := strconv.Atoi(kv[k]); return n }
	sk := &llm.Skeleton{Trace: pad16(kv["trace"]), Span: pad8(id), Parent: pad8(kv["parent"]), Name: kind, Start: base + int64(start)*ms, End: base + int64(end)*ms}
	if kv["name"] != "" {
		sk.Name = kv["name"]
	}
	switch kind {
	case "post", "raw":
		sk.Kind = llm.KindClient
		sk.HTTP = llm.HTTP{Method: "POST", Host: kv["host"], Path: "/v1/chat/completions", StatusCode: num("code"), Resend: num("resend"), Outbound: kv["outbound"], ConnectionError: kv["code"] == "reset"}
		if num("code") >= 400 || sk.HTTP.ConnectionError {
			sk.Status = llm.StatusError
		}
	case "server":
		sk.Kind, sk.HTTP = llm.KindServer, llm.HTTP{StatusCode: num("code"), Path: kv["path"]}
	case "agent":
		sk.Barrier = true
	case "tool":
		sk.Tool = true
	}
	if kind != "llm" && kind != "rollup" && kind != "raw" {
		return nil, sk
	}
	c := &llm.Call{
		Trace: sk.Trace, Span: sk.Span, Parent: sk.Parent, Name: sk.Name, Start: sk.Start, End: sk.End, Role: llm.RoleInference, Operation: llm.OpChat,
		Ref: llm.ModelRef{Provider: "openai", Request: kv["model"]}, ResponseID: kv["id"],
	}
	if tok, ok := kv["tok"]; ok {
		if _, err := fmt.Sscanf(tok, "%d/%d", &c.Usage.Tokens[llm.Input], &c.Usage.Tokens[llm.Output]); err != nil {
			s.t.Fatal(err)
		}
		c.Usage.Known = true
	}
	if x, ok := kv["x"]; ok {
		c.Failure.Class, ok = llm.ParseErrorClass(x)
		if !ok {
			s.t.Fatalf("class %q", x)
		}
	}
	c.Attempt.Hidden = num("hidden")
	if kv["ask"] != "" {
		copy(c.Attempt.Content[:], kv["ask"])
	}
	if kv["layer"] == "gateway" {
		c.Layer = llm.LayerGateway
	}
	if kv["cost"] != "" {
		c.Reported = llm.Reported{Amount: kv["cost"], Currency: "USD", Billed: true}
	}
	switch kind {
	case "rollup":
		c.Role = llm.RoleRollup
	case "raw":
		c.Role, c.Failure = llm.RoleTransport, failure.Classify(&failure.Signals{HTTPStatus: num("code")})
		return c, sk
	}
	return c, nil
}

// bills says how every call stands to its bill: "a billed, b of a".
func (s *story) bills(want string) {
	s.t.Helper()
	var got []string
	for _, c := range s.tr.Calls {
		id := unpad(c.Span)
		v := s.got[id]
		word := [...]string{"billed", "of " + unpad(v.Bill.Of), "free", "none"}[v.Bill.Status]
		if v.Bill.Rollup {
			word = "rollup"
		}
		got = append(got, id+" "+word)
	}
	if g := strings.Join(got, ", "); g != want {
		s.t.Errorf("got  %s\nwant %s", g, want)
	}
}

func TestBillingStories(t *testing.T) {
	for _, c := range []struct {
		name, spans, want string
		policy            Policy
	}{
		{"one call", "a llm 0-10 tok=10/5 id=r1", "a billed", 0},
		{
			"framework over SDK: the inner one pays",
			"out llm 0-100 tok=10/5\nin llm < out 10-90 tok=10/5", "out of in, in billed", 0,
		},
		{
			"three layers, one bill",
			"a llm 0-100 tok=10/5\nb llm < a 5-95 tok=10/5\nc llm < b 10-90 tok=10/5", "a of c, b of c, c billed", 0,
		},
		{
			"the client pays by policy",
			"out llm 0-100 tok=10/5 id=r1\nin llm < out 10-90 tok=10/5 id=r1", "out billed, in of out", BillClient,
		},
		{
			"the gateway pays by policy",
			"out llm 0-100 tok=10/5 id=r1\ngw llm < out 10-90 tok=10/5 id=r1 layer=gateway\nin llm < gw 20-80 tok=10/5 id=r1", "out of gw, gw billed, in of gw", BillGateway,
		},
		{
			"the provider's own figure beats the policy",
			"out llm 0-100 tok=10/5 id=r1 cost=0.01\nin llm < out 10-90 tok=10/5 id=r1", "out billed, in of out", 0,
		},
		{
			"other tokens, other call: a step inside an LLM wrapper",
			"out llm 0-100 tok=30/9\nin llm < out 10-90 tok=10/5", "out billed, in billed", 0,
		},
		{
			"equal tokens under an agent's tool are another call",
			"out llm 0-100 tok=10/5\nt tool < out 5-95\nin llm < t 10-90 tok=10/5", "out billed, in billed", 0,
		},
		{
			"two equal calls below one wrapper stay two",
			"out llm 0-100 tok=10/5\na llm < out 10-40 tok=10/5\nb llm < out 50-90 tok=10/5", "out of b, a billed, b billed", 0,
		},
		{
			"wrapper without usage",
			"out llm 0-100\nin llm < out 10-90 tok=10/5", "out of in, in billed", 0,
		},
		{
			"gateway without usage",
			"out llm 0-100 tok=10/5\nin llm < out 10-90", "out billed, in of out", 0,
		},
		{
			"a lost answer costs the caller nothing and the gateway its tokens",
			"out llm 0-100 x=timeout\nin llm < out 10-90 tok=10/5", "out billed, in billed", 0,
		},
		{
			"same answer twice, side by side",
			"a llm < p 0-100 tok=10/5 id=r1\nb llm < p 0-100 tok=10/5 id=r1", "a billed, b of a", 0,
		},
		{
			"the same careless id an hour later",
			"a llm < p 0-100 tok=10/5 id=chatcmpl-7\nb llm < p 3600000-3600100 tok=10/5 id=chatcmpl-7", "a billed, b billed", 0,
		},
		{
			"forward: whatever came first stays billed",
			"out llm 0-100 tok=10/5 id=r1\n--\nin llm < out 10-90 tok=10/5 id=r1", "out billed, in of out", 0,
		},
		{
			"forward: the inner span comes first by itself",
			"in llm < out 10-90 tok=10/5 id=r1\n--\nout llm 0-100 tok=10/5 id=r1", "in billed, out of in", 0,
		},
		{
			"another trace describes the same answer (broadcast)",
			"a llm 0-100 tok=10/5 id=gen-1\n--\nb llm 5-90 tok=10/5 id=gen-1 trace=t2", "a billed, b of a", 0,
		},
		{
			"another trace with the same careless id and other tokens",
			"a llm 0-100 tok=10/5 id=chatcmpl-7\n--\nb llm 5-90 tok=99/5 id=chatcmpl-7 trace=t2", "a billed, b billed", 0,
		},
		{
			"refused calls are free, a broken answer is not",
			"a llm < p 0-10 x=rate_limited\nb llm < p 20-30 x=server_error tok=10/3\nc llm < p 40-50 x=content_filter\nd llm < p 60-70 x=content_filter tok=10/3", "a free, b billed, c free, d billed", 0,
		},
		{
			"a failure told by framework and SDK is one",
			"out llm 0-100 x=rate_limited\nin llm < out 10-90 x=rate_limited", "out of in, in free", 0,
		},
		{
			"a failure told twice, the inner first",
			"in llm < out 10-90 x=rate_limited\n--\nout llm 0-100 x=rate_limited", "in free, out of in", 0,
		},
		{
			"a failure told twice by classes that may cost",
			"out llm 0-100 x=unknown\nin llm < out 10-90 x=server_error", "out of in, in billed", 0,
		},
		{
			"a failure of three tries inside is the last of them",
			"out llm 0-100 x=rate_limited\na llm < out 10-30 x=rate_limited\nb llm < out 40-60 x=rate_limited\nc llm < out 70-90 x=rate_limited", "out of c, a free, b free, c free", 0,
		},
		{
			"a failure after an answer is its own",
			"out llm 0-100 x=server_error\na llm < out 10-30 x=rate_limited\nb llm < out 40-60 tok=10/5", "out billed, a free, b billed", 0,
		},
		{
			"a failure below an agent's tool is another",
			"out llm 0-100 x=rate_limited\nt tool < out 5-95\nin llm < t 10-90 x=rate_limited", "out free, in free", 0,
		},
		{
			"failures of two models below one another are two",
			"out llm 0-100 x=rate_limited\nin llm < out 10-90 x=rate_limited model=gpt-5", "out free, in free", 0,
		},
		{
			"an SDK's estimate on a refused call is no bill",
			"a llm 0-10 x=overloaded tok=10/0", "a free", 0,
		},
		{
			"an agent's sum repeats its calls",
			"ag rollup 0-100 tok=20/10\na llm < ag 10-40 tok=10/5\nb llm < ag 50-90 tok=10/5", "ag none, a billed, b billed", 0,
		},
		{
			"an agent whose calls left no span is billed in their stead",
			"ag rollup 0-100 tok=20/10\ns step < ag 10-90", "ag rollup", 0,
		},
		{
			"nested agents: one of them",
			"o rollup 0-100 tok=20/10\ni rollup < o 10-90 tok=20/10", "o none, i rollup", 0,
		},
		{
			"a call that comes after its agent was billed",
			"ag rollup 0-100 tok=20/10\n--\na llm < ag 10-40 tok=20/10", "ag rollup, a of ag", 0,
		},
		{
			"calls before their agent, with the step between still missing",
			"a llm < step 10-40 tok=10/5\n--\nag rollup 0-100 tok=10/5", "a billed, ag none", 0,
		},
		{"an agent without usage", "ag rollup 0-100", "ag none", 0},
		{"an HTTP span is no bill", "p raw 0-100 code=429", "p none", 0},
	} {
		t.Run(c.name, func(t *testing.T) { tell(t, Config{Billing: c.policy}, c.spans).bills(c.want) })
	}
}

func TestTransportStories(t *testing.T) {
	for _, c := range []struct {
		name, spans string
		groups      string // span ids of transport groups
		attempts    map[string]int
		outcome     stamp.Outcome
	}{
		{
			"an SDK's three tries inside one span",
			"h1 post < c 10-100 code=429\nh2 post < c 600-700 code=500\nh3 post < c 1700-1900 code=200\nc llm 0-2000 tok=9/9", "h1 h2 h3",
			map[string]int{"c": 3},
			stamp.OutcomeRecoveredRetry,
		},
		{
			"all three fail",
			"h1 post < c 10-100 code=529\nh2 post < c 600-700 code=529\nh3 post < c 1700-1900 code=529\nc llm 0-2000 x=overloaded", "h1 h2 h3",
			map[string]int{"c": 3},
			stamp.OutcomeFailed,
		},
		{"a reset connection", "h1 post < c 10-100 code=reset\nh2 post < c 600-700 code=200\nc llm 0-2000 tok=9/9", "h1 h2", map[string]int{"c": 2}, stamp.OutcomeRecoveredRetry},
		{"through an inner step", "s step < c 5-1990\nh1 post < s 10-100 code=503\nh2 post < s 600-700 code=200\nc llm 0-2000 tok=9/9", "h1 h2", map[string]int{"c": 2}, stamp.OutcomeRecoveredRetry},
		{"a token fetch first", "h1 post < c 10-100 code=200 host=oauth2.googleapis.com\nh2 post < c 600-700 code=200\nc llm 0-2000 tok=9/9", "", map[string]int{"c": 0}, 0},
		{"a redirect", "h1 post < c 10-100 code=307\nh2 post < c 600-700 code=200\nc llm 0-2000 tok=9/9", "", map[string]int{"c": 0}, 0},
		{"a challenge", "h1 post < c 10-100 code=401\nh2 post < c 600-700 code=200\nc llm 0-2000 tok=9/9", "", map[string]int{"c": 0}, 0},
		{"mirrored and policy traffic", "h1 post < c 10-100 code=429 outbound=Primary\nm post < c 10-100 code=200 outbound=Mirror\np post < c 200-300 code=200 outbound=Policy\nh2 post < c 600-700 code=200 outbound=Primary\nc llm 0-2000 tok=9/9", "h1 h2", map[string]int{"c": 2}, stamp.OutcomeRecoveredRetry},
		{"requests in parallel are no retries", "h1 post < c 10-500 code=500\nh2 post < c 20-700 code=200\nc llm 0-2000 tok=9/9", "", map[string]int{"c": 0}, 0},
		{"a resend count without the earlier spans", "h1 post < c 10-100 code=200 resend=2\nc llm 0-2000 tok=9/9", "", map[string]int{"c": 3}, stamp.OutcomeRecoveredRetry},
		{"a counter on the span", "c llm 0-2000 tok=9/9 hidden=4", "", map[string]int{"c": 4}, stamp.OutcomeRecoveredRetry},
		{"a counter that says one", "c llm 0-2000 tok=9/9 hidden=1", "", map[string]int{"c": 0}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := tell(t, Config{}, c.spans)
			r := Reduce(s.tr, Config{})
			var ids []string
			for i := range r.Groups {
				if g := &r.Groups[i]; g.Level != LevelTransport || unpad(g.Owner) != "c" {
					t.Errorf("group %+v", g)
				}
				for _, k := range r.Groups[i].Spans {
					ids = append(ids, unpad(k.Span))
				}
			}
			if got := strings.Join(ids, " "); got != c.groups {
				t.Errorf("groups %q, want %q", got, c.groups)
			}
			for id, n := range c.attempts {
				v := s.got[id]
				if v.Call.Attempts != n || v.Call.Outcome != c.outcome || !v.Attempt.Group.IsZero() {
					t.Errorf("%s: %+v %+v", id, v.Call, v.Attempt)
				}
			}
		})
	}
}

func TestDetectability(t *testing.T) {
	s := tell(t, Config{}, "a llm < p 0-10\nb llm < p 20-30 hidden=1\nh post < c 41-49 code=200\nc llm < p 40-50")
	for id, want := range map[string]bool{"a": true, "b": false, "c": false} {
		if s.got[id].Undetectable != want {
			t.Errorf("%s: undetectable %v", id, s.got[id].Undetectable)
		}
	}
}

// Some instrumentations leave no LLM span of a failed call, only HTTP spans
// below a parent that never comes: they are one failed call.
func TestLoneTransport(t *testing.T) {
	standsIn := stamp.Attempt{Evidence: stamp.EvidenceTransport}
	t.Run("three tries below a missing span", func(t *testing.T) {
		s := tell(t, Config{}, "a raw < gone 0-100 code=429\n--\nb raw < gone 600-700 code=429\nc raw < gone 1500-1600 code=429")
		for _, id := range []string{"a", "b", "c"} {
			if a := s.got[id].Attempt; a != standsIn {
				t.Errorf("%s: %+v", id, a)
			}
		}
		if r := Reduce(s.tr, Config{}); len(r.Lone) != 3 || len(r.Groups) != 0 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("the missing span comes after all: it is the call, and they are its attempts", func(t *testing.T) {
		s := tell(t, Config{}, "a raw < c 0-100 code=429\n--\nb post < c 600-700 code=200\nc llm 0-800 tok=1/1")
		c := s.got["c"]
		if s.got["a"].Attempt != standsIn || c.Attempt != (stamp.Attempt{}) || c.Call.Attempts != 2 || c.Call.Outcome != stamp.OutcomeRecoveredRetry {
			t.Errorf("%+v\n%+v", s.got["a"], c)
		}
	})
	t.Run("a call around them in time comes after all, and names what they met under", func(t *testing.T) {
		s := tell(t, Config{}, "a raw < p 10-100 code=429\n--\nc llm < p 0-800 x=rate_limited\n--\np step 0-900")
		if got := s.got["c"].Attempt; s.got["a"].Attempt != standsIn || unpad(got.TakesOver) != "p" || !got.Group.IsZero() {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a call above a step comes after all", func(t *testing.T) {
		s := tell(t, Config{}, "a raw < s 10-100 code=429\n--\ns step < c 5-110\nc llm < p 0-800 x=rate_limited")
		if got := s.got["c"].Attempt; unpad(got.TakesOver) != "s" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("sent again by the next call, with success", func(t *testing.T) {
		s := tell(t, Config{}, "a raw < gone 0-100 code=429\n--\nb post < c 600-700 code=200\nc llm 500-800 tok=1/1\n--\nd llm 900-1000 tok=2/2")
		if c, d := s.got["c"].Attempt, s.got["d"].Attempt; unpad(c.TakesOver) != "gone" || d != (stamp.Attempt{}) {
			t.Errorf("%+v %+v", c, d)
		}
	})
	t.Run("below an LLM span", func(t *testing.T) {
		s := tell(t, Config{}, "a raw < c 0-100 code=400\nc llm 0-200 x=bad_request")
		if a := s.got["a"].Attempt; !a.Group.IsZero() {
			t.Errorf("%+v", a)
		}
	})
	t.Run("beside an LLM span of the same time", func(t *testing.T) {
		s := tell(t, Config{}, "a raw < p 10-100 code=400\nc llm < p 0-200 x=bad_request")
		if a := s.got["a"].Attempt; !a.Group.IsZero() {
			t.Errorf("%+v", a)
		}
	})
}

// An application that answers without its model has not recovered the call.
func TestUnobserved(t *testing.T) {
	for name, c := range map[string]struct {
		spans string
		want  bool
	}{
		"gateway answered":                    {"srv server 0-900 code=200 path=/v1/chat/completions\na llm < srv 10-300 x=rate_limited", true},
		"gateway failed":                      {"srv server 0-900 code=429 path=/v1/chat/completions\na llm < srv 10-300 x=rate_limited", false},
		"application swallowed it":            {"srv server 0-900 code=200 path=/checkout\na llm < srv 10-300 x=rate_limited", false},
		"client got an answer on another try": {"c llm 0-900 tok=1/1\nh post < c 5-400 code=503\nsrv server < h 6-390 code=503 path=/v1/messages\na llm < srv 10-300 x=overloaded", true},
		"an agent in between":                 {"srv server 0-900 code=200 path=/v1/chat/completions\nag agent < srv 1-890\na llm < ag 10-300 x=rate_limited", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tell(t, Config{}, c.spans).got["a"]; got.Unobserved != c.want || got.Attempt.Probable != c.want {
				t.Errorf("%+v", got)
			}
		})
	}
}

// Weak evidence, off: nothing is stamped, but the failure is known to have
// probably recovered; on: it is a group.
func TestWeakEvidence(t *testing.T) {
	const spans = "p step 0-3000\na llm < p 10-300 x=rate_limited\nb llm < p 500-900 tok=1/1"
	off := tell(t, Config{}, spans)
	if a, b := off.got["a"].Attempt, off.got["b"].Attempt; !a.Probable || !a.Group.IsZero() || b != (stamp.Attempt{}) {
		t.Errorf("off: %+v %+v", a, b)
	}
	on := tell(t, Config{WeakEvidence: true}, spans)
	if a, b := on.got["a"].Attempt, on.got["b"].Attempt; a.Probable || a.Number != 1 || b.Number != 2 || b.Evidence != stamp.EvidenceWeak {
		t.Errorf("on: %+v %+v", a, b)
	}
	late := tell(t, Config{}, "a llm < p 10-300 x=rate_limited\n--\np step 0-3000\nb llm < p 500-900 tok=1/1")
	if unpad(late.got["b"].Recovers) != "a" {
		t.Errorf("late: %+v", late.got["b"])
	}
}

// Forward, a group takes the name of the failure that has passed already, so
// that whoever counts calls finds it, also where it was not the first try: the
// cancelled second request of a race.
func TestForwardGroupsAreNamedForWhatHasPassed(t *testing.T) {
	s := tell(t, Config{}, "b llm < p 200-900 ask=why x=cancelled\n--\na llm < p 0-1000 ask=why tok=10/5\np step 0-1100")
	if got := s.got["a"].Attempt; unpad(got.Group) != "b" || got.Final != stamp.Yes || s.got["a"].Call.Outcome != stamp.OutcomeSuccess || s.got["a"].Call.Attempts != 2 {
		t.Errorf("%+v, %+v", got, s.got["a"].Call)
	}
	s = tell(t, Config{}, "a llm < p 0-1000 ask=why tok=10/5\n--\nb llm < p 200-1001 ask=why x=cancelled\np step 0-1100")
	if got := s.got["b"].Attempt; unpad(got.Group) != "a" || got.Final != stamp.No || got.Kind != stamp.KindHedge {
		t.Errorf("%+v", got)
	}
}

func TestCrossTraceForward(t *testing.T) {
	m := NewMemory(Config{CrossTrace: true})
	root := func(trace byte, at int64, class llm.ErrorClass) *llm.Call {
		c := &llm.Call{Trace: llm.TraceID{trace}, Span: llm.SpanID{trace}, Role: llm.RoleInference, Start: base + at*ms, End: base + (at+100)*ms, Instance: "i-1"}
		c.Failure.Class, c.Attempt.Content[0] = class, 1
		return c
	}
	var got []stamp.Attempt
	for _, c := range []*llm.Call{root(1, 0, llm.ErrRateLimited), root(2, 1000, llm.ErrAuth), root(3, 2000, llm.ErrNone), root(4, 3000, llm.ErrNone)} {
		got = append(got, m.Observe(&Batch{Calls: []*llm.Call{c}}, t0, nil)[0].Attempt)
	}
	if got[0] != (stamp.Attempt{}) || got[1].Number != 2 || got[2].Number != 3 || got[2].Final != stamp.Yes || got[2].Group != (llm.SpanID{1}) || got[3] != (stamp.Attempt{}) {
		t.Errorf("%+v", got)
	}
}
