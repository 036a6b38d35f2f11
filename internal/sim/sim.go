// Package sim simulates a fleet of LLM calls, deterministically from a seed,
// as spans that a collector would receive, and keeps the true ledger of what
// it made: calls, attempts, tokens and cost in exact decimals. It exists to
// hold the product against a truth that the product had no part in.
package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Config says what to simulate.
type Config struct {
	// Seed makes the run repeatable: the same seed, scenario and number of
	// requests give the same spans but for their times.
	Seed uint64
	// Scenario is "" for ordinary traffic or "outage": one provider rate-limits
	// most of what it is asked, and routes fall back.
	Scenario string
}

// Scenarios lists what Config.Scenario may be.
var Scenarios = []string{"", "outage"}

// Sim is one simulated fleet. It is not safe for concurrent use; give every
// sender a seed of its own and add up their truths.
type Sim struct {
	cfg   Config
	rng   *rand.Rand
	truth *Truth
	total int // weight of all routes
	calls uint64
	last  []Logical
}

// New returns a fleet that has sent nothing yet.
func New(cfg Config) *Sim {
	s := &Sim{cfg: cfg, rng: rand.New(rand.NewPCG(cfg.Seed, 0x5ba9)), truth: NewTruth()}
	for _, r := range routes {
		s.total += r.weight
	}
	return s
}

// Truth is the true ledger so far.
func (s *Sim) Truth() *Truth { return s.truth }

// Last returns the logical calls of the request that Next made last, in the
// order in which they were made.
func (s *Sim) Last() []Logical { return s.last }

// route is a way in which an application uses models.
type route struct {
	name    string // the route key that the default ladder gives
	service string
	agent   string // gen_ai.agent.name on its calls
	weight  int
	shape   func(*Sim, *request)
}

var routes = []route{
	{name: "checkout", service: "checkout", weight: 30, shape: (*Sim).assist},
	{name: "support-agent", service: "support", agent: "support-agent", weight: 15, shape: (*Sim).agentLoop},
	{name: "search", service: "search", weight: 15, shape: (*Sim).fanOut},
	{name: "contracts", service: "contracts", weight: 10, shape: (*Sim).longDocuments},
	{name: "tagging", service: "tagging", weight: 25, shape: (*Sim).opaqueSDK},
	{name: "autocomplete", service: "autocomplete", weight: 12, shape: (*Sim).hedgedSDK},
	{name: "translate", service: "translate", weight: 10, shape: (*Sim).workflow},
	{name: "moderation", service: "moderation", weight: 10, shape: (*Sim).behindGateway},
	{name: "house-bot", service: "house-bot", weight: 5, shape: (*Sim).houseModel},
}

// Next makes the spans of one request of a user, all of one trace, the last
// of them ending at end, and books it in the truth.
func (s *Sim) Next(end time.Time) ptrace.Traces {
	pick := s.rng.IntN(s.total)
	for i := range routes {
		if pick -= routes[i].weight; pick < 0 {
			s.last = nil
			r := s.newRequest(&routes[i])
			routes[i].shape(s, r)
			return r.finish(end)
		}
	}
	panic("sim: weights do not add up")
}

// assist is a chat through a framework that traces the call too: two
// descriptions of each answered call, siblings for its retries, and a
// fallback to another lab.
func (s *Sim) assist(r *request) {
	r.root("POST /assist")
	c := s.newCall("claude-sonnet", "gpt-4o")
	c.wrapped, c.wrapsFailures = true, s.rng.IntN(3) == 0
	c.usage = s.cachedUsage(1200, 400)
	s.run(r, c)
}

// agentLoop is an agent that calls tools between its steps; the agent span
// repeats the sum of their tokens.
func (s *Sim) agentLoop(r *request) {
	r.root("POST /support")
	agent := r.open("invoke_agent support-agent", ptrace.SpanKindInternal)
	steps := 2 + s.rng.IntN(3)
	var sum usage
	for i := range steps {
		c := s.newCall("claude-haiku", "bedrock-sonnet")
		c.usage = s.cachedUsage(900+int64(i)*600, 250)
		if u, ok := s.run(r, c); ok {
			sum.input += u.input
			sum.output += u.output
		} else {
			break
		}
		if i < steps-1 {
			r.tool("lookup_order", 40+s.rng.IntN(200))
		}
	}
	agent.rollup(r, "claude-haiku", sum)
	r.close(agent)
}

// fanOut embeds a query and asks several questions side by side; none of them
// is an attempt of another.
func (s *Sim) fanOut(r *request) {
	r.root("GET /search")
	e := s.newCall("embedding", "")
	e.operation, e.usage = "embeddings", usage{input: 8 + s.rng.Int64N(40)}
	s.run(r, e)
	from := r.now
	var latest int64
	for range 3 {
		r.now = from + s.rng.Int64N(5_000_000)
		c := s.newCall("gemini-2.5-flash", "")
		c.usage = usage{input: 600 + s.rng.Int64N(900), output: 80 + s.rng.Int64N(200)}
		c.usage.reasoning = c.usage.output / 4
		s.run(r, c)
		latest = max(latest, r.now)
	}
	r.now = latest
}

// longDocuments reads documents on both sides of the context tier, in the
// OpenInference dialect.
func (s *Sim) longDocuments(r *request) {
	r.root("POST /contracts")
	c := s.newCall("gemini-2.5-pro", "gpt-4o")
	c.openInference, c.failsOver = true, true
	c.usage = usage{input: 120_000 + s.rng.Int64N(160_000), output: 500 + s.rng.Int64N(1500)}
	if s.rng.IntN(10) == 0 {
		c.usage.input = 200_000 // the tier's own edge: still the lower one
	}
	if s.rng.IntN(2) == 0 {
		c.usage.cacheRead = c.usage.input / 3
	}
	s.run(r, c)
}

// opaqueSDK is one span over all attempts of an SDK, with the HTTP requests
// below it.
func (s *Sim) opaqueSDK(r *request) {
	r.root("job tag")
	c := s.newCall("gpt-5.4-mini", "")
	c.opaque = true
	c.usage = usage{input: 300 + s.rng.Int64N(400), output: 20 + s.rng.Int64N(60)}
	if s.rng.IntN(3) == 0 {
		c.usage.cacheRead = 256
	}
	s.run(r, c)
}

// hedgedSDK asks again while a slow request still runs, and takes the first
// answer.
func (s *Sim) hedgedSDK(r *request) {
	r.root("GET /complete")
	c := s.newCall("gpt-5.4-mini", "")
	c.hedged = s.rng.IntN(5) == 0
	c.usage = usage{input: 400 + s.rng.Int64N(300), output: 10 + s.rng.Int64N(40)}
	s.run(r, c)
}

// workflow runs every try as an activity of its own, which fails with it.
func (s *Sim) workflow(r *request) {
	r.root("job translate")
	for range 1 + s.rng.IntN(2) {
		c := s.newCall("claude-haiku", "")
		c.activity = "RunActivity:translate"
		c.usage = s.cachedUsage(700, 500)
		s.run(r, c)
	}
}

// behindGateway asks through a gateway that gives every call an id, which its
// tries share.
func (s *Sim) behindGateway(r *request) {
	r.root("POST /moderate")
	for range 2 {
		c := s.newCall("claude-haiku", "gpt-4o")
		c.id = fmt.Sprintf("call-%d-%d", s.cfg.Seed, s.calls)
		c.usage = usage{input: 200 + s.rng.Int64N(300), output: 5 + s.rng.Int64N(20)}
		s.run(r, c)
	}
}

// houseModel is served in the house: no list price exists for it.
func (s *Sim) houseModel(r *request) {
	r.root("POST /chat")
	c := s.newCall("house", "")
	c.usage = usage{input: 200 + s.rng.Int64N(200), output: 50 + s.rng.Int64N(100)}
	s.run(r, c)
}

func (s *Sim) cachedUsage(in, out int64) usage {
	u := usage{input: in + s.rng.Int64N(in), output: out/2 + s.rng.Int64N(out)}
	switch s.rng.IntN(4) {
	case 0:
		u.cacheRead = u.input * 3 / 4
	case 1:
		u.cacheWrite = u.input / 2
	}
	return u
}
