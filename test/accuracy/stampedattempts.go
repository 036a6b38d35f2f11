package main

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// place is where a span stands among the attempts at one call, by its stamps.
type place struct {
	group, kind, evidence string
	number, count         int64
	final                 any // bool, nil where it is not told
}

func (s stamped) place() place {
	number, _ := s["spanledger.attempt.number"].(int64)
	count, _ := s["spanledger.attempt.count"].(int64)
	return place{
		group: s.text("attempt.group_id"), kind: s.text("attempt.kind"), evidence: s.text("attempt.evidence"),
		number: number, count: count, final: s["spanledger.attempt.final"],
	}
}

func (p place) String() string {
	if p.group == "" {
		return "no attempt"
	}
	return fmt.Sprintf("group %s number %d of %d, %s, %s, final %v", p.group, p.number, p.count, p.kind, p.evidence, p.final)
}

// complete holds every stamp of every span against the answer.
func complete(want *answer, got map[string][]stamped) verdict {
	groups := want.groups()
	for _, id := range labels(got) {
		for _, s := range got[id] {
			have, expected := s.place(), place{}
			g := groups[id]
			if g == nil {
				have.evidence = "" // of a lone request that stands for its call
			} else {
				expected = g.place(id)
				if g.Evidence == nil {
					expected.evidence = have.evidence
				}
			}
			if have != expected {
				return missed(fmt.Sprintf("%s: %v", id, expected), have.String())
			}
			if v := summary(want, g, id, s); v.mark != right {
				return v
			}
		}
	}
	return verdict{mark: right}
}

// place is what the stamps of one of the group's attempts should say.
func (g *group) place(id string) place {
	i := slices.Index(g.SpanIDs, id)
	p := place{group: groupID(g.SpanIDs[0]), number: int64(i + 1), count: int64(len(g.SpanIDs)), final: id == g.Final}
	if i < len(g.AttemptKinds) {
		p.kind = g.AttemptKinds[i]
	}
	if g.Evidence != nil {
		p.evidence = *g.Evidence
	}
	return p
}

// summary holds what the last attempt says of the whole call.
func summary(want *answer, g *group, id string, s stamped) verdict {
	attempts, has := s["spanledger.call.attempts"].(int64)
	if g != nil && has != (id == g.Final) {
		return missed(fmt.Sprintf("%s: a summary of the call on %s only", id, g.Final), fmt.Sprintf("%v", has))
	}
	if g != nil && has && g.WastedLatency != nil {
		wasted, _ := s["spanledger.call.wasted_latency"].(float64)
		if ms := int64(math.Round(wasted * 1000)); ms != *g.WastedLatency {
			return missed(fmt.Sprintf("%s: %d ms wasted", id, *g.WastedLatency), fmt.Sprint(ms))
		}
	}
	for _, o := range want.Opaque {
		if o.Span == id && attempts != int64(o.Count) {
			return missed(fmt.Sprintf("%s: %d attempts inside", id, o.Count), fmt.Sprint(attempts))
		}
	}
	return verdict{mark: right}
}

// withoutContradiction: whoever shares a group by the stamps shares it by the
// answer; links may be missing.
func withoutContradiction(want *answer, got map[string][]stamped) verdict {
	groups := want.groups()
	first := map[string]*group{}
	for i := range want.Groups {
		for _, id := range want.Groups[i].SpanIDs {
			if want.Groups[i].Level == "call" {
				first[groupID(id)] = &want.Groups[i]
			}
		}
	}
	for _, id := range labels(got) {
		for _, s := range got[id] {
			p := s.place()
			if p.group == "" {
				continue
			}
			if g := groups[id]; g == nil || first[p.group] != g {
				return missed(fmt.Sprintf("%s: in no group but its own", id), p.String())
			}
		}
	}
	return verdict{mark: right}
}

func labels(got map[string][]stamped) []string {
	var out []string
	for id := range got {
		out = append(out, id)
	}
	sort.Strings(out)
	return out
}
