package llmspan

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/spanledger/spanledger/internal/llm"
)

// Law: the buckets hold what was reported, no more and no less. A split that
// fits its whole adds up to it whichever way the emitter counts; only a
// contradiction may lose tokens, and is counted.
func TestBucketsAddUpToWhatWasReported(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string, most int64) int64 { return rapid.Int64Range(0, most).Draw(t, name) }
		uncached, cr, cw := n("uncached", 5000), n("read", 5000), n("write", 5000)
		cw1h := n("write1h", cw)
		audio, image := n("audio", uncached/2), n("image", uncached/2)
		visible, reasoning := n("visible", 5000), n("reasoning", 5000)
		outAudio := n("out audio", visible)
		exclusive, onTop := rapid.Bool().Draw(t, "exclusive"), rapid.Bool().Draw(t, "on top")
		withTotal := exclusive || onTop || rapid.Bool().Draw(t, "total")

		var s scan
		in, out := uncached+cr+cw, visible+reasoning
		if exclusive {
			in = uncached
		}
		if onTop {
			out = visible
		}
		for k, v := range map[slot]int64{
			nInput: in, nOutput: out, nCacheRead: cr, nCacheWrite: cw, nCacheWrite1h: cw1h,
			nInAudio: audio, nInImage: image, nReasoning: reasoning, nOutAudio: outAudio,
		} {
			s.setCount(k, v)
		}
		if withTotal {
			s.setCount(nTotal, uncached+cr+cw+visible+reasoning)
		}
		if exclusive && onTop || exclusive != onTop && cr+cw == reasoning {
			return // one total cannot prove two things at once, nor say which of two
		}
		e := emitter{dialect: dlSemConv, known: true}
		var u llm.Usage
		s.usage(&e, &u)
		if s.conflicts != 0 {
			t.Fatalf("%d conflicts in consistent counts", s.conflicts)
		}
		if u.TotalInput() != uncached+cr+cw || u.TotalOutput() != visible+reasoning {
			t.Fatalf("read %d and %d, used %d and %d", u.TotalInput(), u.TotalOutput(), uncached+cr+cw, visible+reasoning)
		}
		if u.Tokens[llm.CacheRead] != cr || u.Tokens[llm.CacheWrite1h] != cw1h || u.Tokens[llm.Reasoning] != reasoning || u.Tokens[llm.InputAudio] != audio {
			t.Fatalf("parts: %v", u.Tokens)
		}
	})
}

func TestParseCount(t *testing.T) {
	if n, ok := parseCount(" 12 "); !ok || n != 12 {
		t.Errorf("spaces around: %d %v", n, ok)
	}
	for s, want := range map[string]int64{"0": 0, "12": 12, "12.0": 12, "1e3": 1000, "1_0": -1, "-1": -1, "12.5": -1, "": -1, "None": -1, "NaN": -1, "Inf": -1, "0x1F": -1, "9223372036854775807": -1} {
		n, ok := parseCount(s)
		if ok != (want >= 0) || ok && n != want {
			t.Errorf("%q: %d %v", s, n, ok)
		}
	}
}

func TestAttemptsInText(t *testing.T) {
	for s, want := range map[string]int{
		"Failed after 3 attempts. Last error: x":            3,
		"failed after 12 attempts":                          12,
		"All models failed (2 sub-exceptions)":              2,
		"unhandled errors in a TaskGroup (1 sub-exception)": 1,
		"failed after 3 seconds":                            0,
		"( sub-exceptions)":                                 0,
		"":                                                  0,
	} {
		if n := attemptsInText(s); n != want {
			t.Errorf("%q: %d, want %d", s, n, want)
		}
	}
}

func TestVersionBelow(t *testing.T) {
	for v, want := range map[string]bool{"0.33.0": true, "0.34.0": false, "v0.9": true, "1.0": false, "": false, "main": false} {
		if versionBelow(v, 0, 34) != want {
			t.Errorf("%q below 0.34: %v", v, !want)
		}
	}
}

func TestMoneyIsNeverMadeUp(t *testing.T) {
	if got := dollarsOfTicks(37756000); got != "0.0037756" {
		t.Error(got)
	}
	if got := dollarsOfTicks(20_000_000_001); got != "2.0000000001" {
		t.Error(got)
	}
}
