package fleet

import (
	"slices"
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
)

// Verdict compares the name that was asked for with the one that answered, as
// a provider spells them.
func Verdict(provider, requested, served string) llm.Match {
	platform := platformOf(provider)
	req, resp := read(requested, platform), read(served, platform)
	return verdictOf(&req, &reading{}, &resp)
}

// verdictOf judges what was asked for against the best word on what answered:
// the response's, else the gateway's on the deployment it used.
func verdictOf(req, dep, resp *reading) llm.Match {
	served := resp
	if served.raw == "" {
		served = dep
	}
	switch {
	case req.raw == "" || served.raw == "":
		return llm.MatchUnknown
	case req.raw == served.raw:
		return llm.MatchExact
	}
	if served == resp && !served.identified() && dep.identified() {
		served = dep
	}
	switch {
	case !served.identified() && served.vendor == "":
		return llm.MatchUnknown // an answer that names no model we know
	case req.opaque || req.vendor == "":
		return llm.MatchAlias
	}
	return compare(req, served)
}

// compare judges two identities.
func compare(req, served *reading) llm.Match {
	named := llm.MatchVersion
	if req.moving || req.mapped {
		named = llm.MatchAlias
	}
	switch {
	case req.tuned != served.tuned || req.tuned && req.owner != served.owner:
		return llm.MatchDifferent
	case req.vendor != served.vendor:
		return llm.MatchDifferent
	case req.id == served.id:
		return compareSnapshots(req, served, named)
	case req.named && ownWordsBehind(served.id, req.id):
		return llm.MatchAlias
	case movesTo(req, served):
		return llm.MatchAlias
	case stagesApart(req.id, served.id):
		return llm.MatchAlias
	case extendsBy(req.id, served.id), extendsBy(served.id, req.id):
		return named
	}
	return llm.MatchDifferent
}

func compareSnapshots(req, served *reading, named llm.Match) llm.Match {
	switch {
	case req.snap == served.snap && !req.moving && !req.mapped:
		return llm.MatchExact
	case req.snap == "" || served.snap == "" || req.snap == served.snap:
		return named
	case sameDay(req.snap, served.snap):
		return llm.MatchExact
	}
	return llm.MatchDifferent // a pinned snapshot was not honoured
}

// movesTo reports whether the name asked for is one that moves, or that names
// no generation, and what answered is of its family.
func movesTo(req, served *reading) bool {
	if movers[req.id] == served.vendor && served.vendor != "" {
		return true
	}
	if req.family != served.family {
		return false
	}
	return req.moving || req.generation == "" && served.generation != "" && sizesAgree(req.id, served.id)
}

// movers are names that a lab points at whatever it thinks best, across
// families.
var movers = map[string]string{
	"deepseek-chat": "deepseek", "deepseek-reasoner": "deepseek", "chatgpt-4o-latest": "openai",
	"qwen-plus": "alibaba", "qwen-max": "alibaba", "qwen-turbo": "alibaba", "qwen-flash": "alibaba", "compound": "groq",
}

// stagesApart: the same model before and after its release.
func stagesApart(a, b string) bool {
	return slices.Equal(released(a), released(b))
}

func released(id string) []string {
	return slices.DeleteFunc(strings.Split(id, "-"), func(t string) bool {
		return t == "preview" || t == "exp" || t == "experimental" || t == "beta"
	})
}

// extendsBy reports whether long is short and, behind it, only what a maker
// adds to name one build of a model: size, quantisation, instruct.
func extendsBy(short, long string) bool {
	tail, ok := strings.CutPrefix(long, short+"-")
	if !ok {
		return false
	}
	for t := range strings.SplitSeq(tail, "-") {
		if !size.MatchString(t) && !quantised.MatchString(t) && t != "instruct" && t != "chat" && t != "it" && t != "hf" {
			return false
		}
	}
	return true
}

// tiers are words that tell one model of a lab from another.
var tiers = words("mini nano pro turbo lite flash codex audio realtime search transcribe tts chat image max ultra large small medium " +
	"vision preview fast thinking reasoning instruct coder code high low deep research spark sol terra luna opus sonnet haiku")

// ownWordsBehind reports whether a deployment's name is that of a model with
// words of the user's behind it ("gpt-4o-prod").
func ownWordsBehind(model, name string) bool {
	tail, ok := strings.CutPrefix(name, model+"-")
	first, _, _ := strings.Cut(tail, "-")
	return ok && first != "" && isLetter(first[0]) && !tiers[first] && !size.MatchString(first)
}

// sizesAgree: every size that a names is one that b names.
func sizesAgree(a, b string) bool {
	have := strings.Split(b, "-")
	for t := range strings.SplitSeq(a, "-") {
		if size.MatchString(t) && !slices.Contains(have, t) {
			return false
		}
	}
	return true
}

// sameDay reports whether two spellings of a snapshot can be one day:
// "2024-08-06" and "20240806", "20250120" and "0120".
func sameDay(a, b string) bool {
	for _, x := range days(a) {
		for _, y := range days(b) {
			if agree(x[0], y[0]) && agree(x[1], y[1]) && agree(x[2], y[2]) {
				return true
			}
		}
	}
	return false
}

func agree(a, b string) bool { return a == "" || b == "" || a == b }

// days lists the year, month and day that a snapshot may mean; "" not said.
func days(snap string) [][3]string {
	d := strings.ReplaceAll(snap, "-", "")
	var out [][3]string
	switch {
	case !allDigits(d):
	case len(d) == 8:
		out = append(out, [3]string{d[:4], d[4:6], d[6:]})
	case len(d) == 6 && len(snap) == 7: // 09-2025
		out = append(out, [3]string{d[2:], d[:2], ""})
	case len(d) == 6:
		out = append(out, [3]string{"20" + d[:2], d[2:4], d[4:]})
	case len(d) == 4:
		if isMonth(d[:2]) && isDayOfMonth(d[2:]) {
			out = append(out, [3]string{"", d[:2], d[2:]})
		}
		if isYear("20"+d[:2]) && isMonth(d[2:]) && !strings.Contains(snap, "-") {
			out = append(out, [3]string{"20" + d[:2], d[2:], ""})
		}
	}
	return out
}
