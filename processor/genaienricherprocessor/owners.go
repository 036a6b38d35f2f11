package genaienricherprocessor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// rung is the step of the owners' ladder that gave a value.
type rung uint8

const (
	rungNone     rung = iota // unattributed
	rungConfig               // an expression of the user's
	rungSpan                 // the span itself
	rungAncestor             // a span that it happened in
	rungResource             // who emitted it
	rungAttempt              // the first attempt, or another description, of the same call
	numRungs
)

var rungNames = [numRungs]string{unattributed, "config", "span", "ancestor", "resource", "attempt"}

// claim is what was found for one owner key so far; "" nothing.
type claim struct {
	value string
	by    rung
}

// ownerRule is one owner key: the user's expressions, then for a key that
// spans are read for the built-in ladder.
type ownerRule struct {
	key   string
	known llm.OwnerKey // NumOwnerKeys for a key of the user's own
	rungs []*valueExpression
	// asked keys say so where nobody is named; the others come with stamp: full
	// and keep silent.
	asked bool
}

// ownerRules compiles the owners of the configuration, sorted by key.
func (cfg *Config) ownerRules(value func(path, text string) *valueExpression) ([]ownerRule, error) {
	var out []ownerRule
	var errs []error
	for _, key := range sortedKeys(cfg.Owners) {
		known, builtIn := llm.ParseOwnerKey(key)
		if !builtIn && len(cfg.Owners[key]) == 0 {
			errs = append(errs, fmt.Errorf("owners::%s: has no expression, and spans are read for %s only", key, ownerNames()))
		}
		rule := ownerRule{key: key, known: known, asked: true}
		for i, text := range cfg.Owners[key] {
			rule.rungs = append(rule.rungs, value(fmt.Sprintf("owners::%s[%d]", key, i), text))
		}
		out = append(out, rule)
	}
	for k := range llm.NumOwnerKeys {
		if _, asked := cfg.Owners[k.String()]; !asked && cfg.Stamp == stampFull && !k.Personal() {
			out = append(out, ownerRule{key: k.String(), known: k})
		}
	}
	slices.SortFunc(out, func(a, b ownerRule) int { return strings.Compare(a.key, b.key) })
	return out, errors.Join(errs...)
}

func ownerNames() string {
	names := make([]string, llm.NumOwnerKeys)
	for k := range names {
		names[k] = llm.OwnerKey(k).String()
	}
	return strings.Join(names, ", ")
}

// claimFrom fills the keys that nobody has yet with what an identity says.
func (e *entry) claimFrom(rules []ownerRule, id *llm.Identity, by rung) {
	for i := range e.claims {
		if c := &e.claims[i]; c.value == "" {
			known := rules[i].known
			if known == llm.OwnerPromptVersion && e.prompt != "" && id.Prompt != e.prompt {
				continue // the version of another prompt
			}
			if v := id.Owner(known); v != "" {
				*c = claim{v, by}
			}
		}
	}
}

// unclaimed reports whether a key that spans are read for has no value yet.
func (e *entry) unclaimed(rules []ownerRule) bool {
	for i := range e.claims {
		if e.claims[i].value == "" && rules[i].known < llm.NumOwnerKeys {
			return true
		}
	}
	return false
}

// takeClaims takes what is known of the first attempt: where that knows
// nobody, what the attempt says itself stands.
func (e *entry) takeClaims(first []claim) {
	for i := range first {
		if first[i].value != "" {
			e.claims[i] = claim{first[i].value, rungAttempt}
		}
	}
}

// shareClaims lets two descriptions of one call complete each other.
func shareClaims(a, b *entry) {
	for i := range a.claims {
		switch x, y := &a.claims[i], &b.claims[i]; {
		case x.value == "" && y.value != "":
			*x = claim{y.value, rungAttempt}
		case y.value == "" && x.value != "":
			*y = claim{x.value, rungAttempt}
		}
	}
}

// sign turns claims into stamps; what was asked for and nobody claims is
// unattributed.
func (e *entry) sign(rules []ownerRule, out []stamp.Owner) []stamp.Owner {
	start := len(out)
	for i := range e.claims {
		switch v := e.claims[i].value; {
		case v != "":
			out = append(out, stamp.Owner{Key: rules[i].key, Value: v})
		case rules[i].asked:
			out = append(out, stamp.Owner{Key: rules[i].key, Value: unattributed})
		}
	}
	e.stamp.Owners = out[start:len(out):len(out)]
	return out
}
