package sim

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// call is one logical call: what the application wanted once.
type call struct {
	model, fallback string // keys of models; fallback "" none
	operation       string
	usage           usage
	prompt          string
	wrapped         bool // a framework span with the same usage around the answered try
	wrapsFailures   bool // ... and around those that failed
	openInference   bool
	failsOver       bool   // to the fallback at the first failure
	hedged          bool   // asked again while the first try still runs
	activity        string // name of a span of its own around every try; "" none
	id              string // that all tries tell; "" none
	opaque          bool   // one LLM span over all tries, HTTP spans below
}

func (s *Sim) newCall(model, fallback string) *call {
	s.calls++
	return &call{model: model, fallback: fallback, operation: "chat", prompt: fmt.Sprintf("question %d-%d", s.cfg.Seed, s.calls)}
}

// failure is how a try can end badly.
type failure struct {
	errorType string
	status    int
	// partial: the answer broke off after half of it was billed.
	partial bool
	// givenUp: the application does not try again.
	givenUp bool
}

var (
	rateLimited = &failure{errorType: "rate_limit_exceeded", status: 429}
	overloaded  = &failure{errorType: "overloaded_error", status: 529}
	cutOff      = &failure{errorType: "timeout", status: 504, partial: true}
	broken      = &failure{errorType: "api_error", status: 500, givenUp: true}
	// The loser of a race, with and without the tokens that it had used.
	outrun     = &failure{errorType: "cancelled"}
	outrunLate = &failure{errorType: "cancelled", partial: true}
)

// fate decides how one try ends; nil is an answer.
func (s *Sim) fate(provider string) *failure {
	p := s.rng.IntN(1000)
	if s.cfg.Scenario == "outage" && provider == "anthropic" {
		if p < 700 {
			return rateLimited
		}
		return nil
	}
	switch {
	case p < 45:
		return rateLimited
	case p < 55:
		return overloaded
	case p < 60:
		return cutOff
	case p < 64:
		return broken
	}
	return nil
}

// run makes the tries of a call until one answers or all are spent, books
// them, and returns the usage of the answer.
func (s *Sim) run(r *request, c *call) (usage, bool) {
	truth := s.truth.route(r.route.name)
	s.last = append(s.last, Logical{Trace: r.trace})
	told := &s.last[len(s.last)-1]
	if c.opaque {
		return s.runOpaque(r, c, truth, told)
	}
	if c.hedged {
		return s.runHedged(r, c, truth, told)
	}
	tries, left, current, fellBack := 0, 3, c.model, false
	if c.failsOver {
		left = 1
	}
	for {
		m := models[current]
		fail := s.fate(m.provider)
		tries++
		left--
		told.Tries = append(told.Tries, s.try(r, c, m, fail, truth))
		if fail == nil {
			truth.Calls[outcome(tries, fellBack)]++
			return c.usage, true
		}
		switch {
		case fail.givenUp:
			truth.Calls["failed"]++
			return usage{}, false
		case left > 0:
			r.now += int64(200+s.rng.IntN(300)) * 1_000_000 * int64(tries)
		case c.fallback != "" && !fellBack:
			current, fellBack, left = c.fallback, true, 2
			r.now += 20_000_000
		default:
			truth.Calls["failed"]++
			return usage{}, false
		}
	}
}

func outcome(tries int, fellBack bool) string {
	switch {
	case fellBack:
		return "recovered_fallback"
	case tries > 1:
		return "recovered_retry"
	}
	return "success"
}

// try makes the spans of one try, outermost first, and books it.
func (s *Sim) try(r *request, c *call, m model, fail *failure, truth *RouteTruth) (told []pcommon.SpanID) {
	took := int64(300+s.rng.IntN(1500)) * 1_000_000
	if fail != nil {
		took = int64(30+s.rng.IntN(200)) * 1_000_000
	}
	u := c.usage
	if m.write == "" {
		u.cacheWrite = 0 // a provider without cache writes reports none
	}
	if fail != nil {
		if u = (usage{}); fail.partial && c.operation == "chat" {
			u = usage{input: c.usage.input, output: 1 + c.usage.output/2}
		}
	}
	outer := r.parent()
	if c.activity != "" {
		outer = r.activity(c.activity, r.now, r.now+took, fail)
	}
	if c.wrapped && (fail == nil || c.wrapsFailures) {
		outer = r.describe(c, m, u, fail, r.now, r.now+took, outer, "framework chat")
		truth.Spans++
		s.bookNaive(truth, m, u)
		told = append(told, outer, r.describe(c, m, u, fail, r.now+1_000_000, r.now+took-1_000_000, outer, ""))
	} else {
		told = append(told, r.describe(c, m, u, fail, r.now, r.now+took, outer, ""))
	}
	r.now += took
	s.book(truth, m, u, fail)
	return told
}

// runHedged makes two identical requests, the second a while after the first,
// and cancels one when the other answers. That is one call with two tries,
// which nothing had to be recovered from; what the loser reports is wasted.
func (s *Sim) runHedged(r *request, c *call, truth *RouteTruth, told *Logical) (usage, bool) {
	m := models[c.model]
	starts := [2]int64{r.now, r.now + int64(120+s.rng.IntN(400))*1_000_000}
	answer := starts[1] + int64(150+s.rng.IntN(700))*1_000_000
	winner := s.rng.IntN(2)
	for i, start := range starts {
		u, fail, end := c.usage, (*failure)(nil), answer
		if i != winner {
			u, fail, end = usage{}, outrun, answer+int64(1+s.rng.IntN(5))*1_000_000
			if s.rng.IntN(2) == 0 {
				u, fail = usage{input: c.usage.input, output: 1 + c.usage.output/3}, outrunLate
			}
		}
		told.Tries = append(told.Tries, []pcommon.SpanID{r.describe(c, m, u, fail, start, end, r.parent(), "")})
		s.book(truth, m, u, fail)
		r.now = max(r.now, end)
	}
	truth.Calls["success"]++
	return c.usage, true
}

// runOpaque makes one LLM span over all tries with an HTTP span for each, as
// SDKs that retry by themselves do.
func (s *Sim) runOpaque(r *request, c *call, truth *RouteTruth, told *Logical) (usage, bool) {
	m := models[c.model]
	start, at := r.now, r.now+2_000_000
	id := r.newSpanID()
	var fail *failure
	tries := 0
	for tries < 3 {
		tries++
		fail = s.fate(m.provider)
		if fail != nil && fail.partial {
			fail = overloaded // a retrying SDK does not stream
		}
		took := int64(100+s.rng.IntN(400)) * 1_000_000
		r.http(id, at, at+took, fail)
		at += took
		if fail == nil || fail.givenUp {
			break
		}
		at += 50_000_000
	}
	u := c.usage
	if fail != nil {
		u = usage{}
	}
	told.Tries, told.Inside = [][]pcommon.SpanID{{id}}, tries
	r.describeAs(id, c, m, u, fail, start, at+1_000_000, r.parent(), "")
	r.now = at + 2_000_000
	s.book(truth, m, u, fail)
	if fail != nil {
		truth.Calls["failed"]++
		return usage{}, false
	}
	// The tries are inside one span: the call shows as one that recovered.
	truth.Calls[outcome(tries, false)]++
	return u, true
}

// book adds one try to the truth.
func (s *Sim) book(truth *RouteTruth, m model, u usage, fail *failure) {
	truth.Attempts++
	truth.Spans++
	if fail != nil {
		truth.FailedAttempts++
	}
	if u.total() == 0 {
		return
	}
	truth.Tokens += u.total()
	cost := m.cost(u)
	if cost == nil {
		truth.Unpriced++
		return
	}
	truth.Billed++
	truth.cost.Add(truth.cost, cost)
	truth.naive.Add(truth.naive, cost)
	if fail != nil {
		truth.wasted.Add(truth.wasted, cost)
	}
}

func (s *Sim) bookNaive(truth *RouteTruth, m model, u usage) {
	if cost := m.cost(u); cost != nil {
		truth.naive.Add(truth.naive, cost)
	}
}

// rollup puts the sum of the steps on the agent's own span, as agents do.
func (o openSpan) rollup(r *request, key string, sum usage) {
	m := models[key]
	a := o.span.Attributes()
	a.PutStr("gen_ai.operation.name", "invoke_agent")
	a.PutStr("gen_ai.provider.name", m.provider)
	a.PutStr("gen_ai.agent.name", r.route.agent)
	a.PutStr("gen_ai.request.model", m.request)
	a.PutInt("gen_ai.usage.input_tokens", sum.input)
	a.PutInt("gen_ai.usage.output_tokens", sum.output)
	truth := r.sim.truth.route(r.route.name)
	truth.Spans++
	r.sim.bookNaive(truth, m, sum)
	if sum.total() == 0 {
		o.span.Status().SetCode(ptrace.StatusCodeError)
	}
}
