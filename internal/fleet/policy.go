package fleet

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
)

// Unapproved is what the policy stamps on a model that it does not approve.
const Unapproved = "unapproved"

// Approval lists models that may be used: globs ("*", "?") over "vendor/id",
// such as "anthropic/*" and "openai/gpt-5*". A pattern without a slash is
// about the id alone. A vendor may be written as any platform spells it
// ("mistralai/*"). A pattern meets a model by its canonical id, which approves
// all its snapshots, or by one dated snapshot.
type Approval struct {
	Models []string
	// Route and Environment are globs that narrow the approval; "" any.
	Route, Environment string
}

// Policy decides what is approved. Among the approvals whose scope holds, only
// those of the narrowest kind count (route and environment, route,
// environment, everywhere), so that a route can be stricter than the rest.
type Policy struct {
	levels [4][]approval // by narrowness
}

type approval struct {
	route, env string
	models     []modelGlob
}

type modelGlob struct{ vendor, id string }

// NewPolicy compiles approvals. An approval without models and empty patterns
// are errors, all reported at once.
func NewPolicy(list []Approval) (*Policy, error) {
	p := &Policy{}
	var errs []error
	for i, a := range list {
		if len(a.Models) == 0 {
			errs = append(errs, fmt.Errorf("approval %d: lists no models", i))
		}
		out := approval{route: a.Route, env: a.Environment}
		for _, pattern := range a.Models {
			g, err := compileGlob(pattern)
			if err != nil {
				errs = append(errs, fmt.Errorf("approval %d: %w", i, err))
				continue
			}
			out.models = append(out.models, g)
		}
		level := 0
		if a.Route != "" {
			level += 2
		}
		if a.Environment != "" {
			level++
		}
		p.levels[level] = append(p.levels[level], out)
	}
	return p, errors.Join(errs...)
}

func compileGlob(pattern string) (modelGlob, error) {
	vendor, id, both := strings.Cut(strings.ToLower(strings.TrimSpace(pattern)), "/")
	if !both {
		vendor, id = "*", vendor
	}
	if vendor == "" || id == "" {
		return modelGlob{}, fmt.Errorf("pattern %q: want vendor/id or an id", pattern)
	}
	if canonical, ok := orgs[vendor]; ok {
		vendor = canonical
	}
	return modelGlob{vendor: vendor, id: id}, nil
}

// Allows reports whether a model is approved on a route and in an environment
// ("" none). Without any approval everything is; where approvals are listed
// but none has a scope that holds here, everything is, too.
func (p *Policy) Allows(m *llm.Model, route, env string) bool {
	for level := len(p.levels) - 1; level >= 0; level-- {
		inScope := false
		for i := range p.levels[level] {
			a := &p.levels[level][i]
			if a.route != "" && !glob(a.route, route) || a.env != "" && !glob(a.env, env) {
				continue
			}
			inScope = true
			if a.approves(m) {
				return true
			}
		}
		if inScope {
			return false
		}
	}
	return true
}

func (a *approval) approves(m *llm.Model) bool {
	for i := range a.models {
		if a.models[i].matches(m) {
			return true
		}
	}
	return false
}

// matches compares the canonical id, the dated snapshot, and of a tuned model
// its base.
func (g *modelGlob) matches(m *llm.Model) bool {
	return glob(g.vendor, m.Vendor) &&
		(glob(g.id, m.ID) || glob(g.id, m.Snapshot) || m.FineTuned && glob(g.id, strings.TrimPrefix(m.ID, tunedPrefix)))
}

// CheckPattern reports what is wrong with a pattern of an [Approval].
func CheckPattern(pattern string) error {
	_, err := compileGlob(pattern)
	return err
}

// glob matches s against a pattern of literals, "*" (any run) and "?" (any one
// byte), without allocating and in linear time for one star.
func glob(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p, i = p+1, i+1
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
