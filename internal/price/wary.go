package price

import (
	"regexp"
	"strings"
)

// comeAndGo are words that a name may add and still be the same model at the
// same price: stages, ways of asking, ways of packing. Any other word may tell
// one model from another ("gpt-5" and "gpt-5-nano"), and a model that nobody
// has priced yet has no price.
var comeAndGo = func() map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq("latest preview exp experimental beta alpha default maas it hf " +
		"thinking think reasoning instruct chat customtools us eu global regional") {
		out[w] = true
	}
	return out
}()

// modelSize is a number of parameters: "8b", "a22b", "e4b".
var modelSize = regexp.MustCompile(`^[ae]?\d+b$`)

// cloudRevision is how clouds count an id: "-v1:0", "-v2", "-v0:2", "-v1:0:48k".
var cloudRevision = regexp.MustCompile(`-v(\d+)(?::(\d+))?(?::(?:\d+k|mm))?$`)

// wayOfServing is a suffix like ":free". What it costs is not for clauses to say.
var wayOfServing = regexp.MustCompile(`:[a-z]+$`)

// anotherModel reports whether an id that a row's clause happens to take says
// of itself that it is another model: behind the words of the row it has one,
// a size or a revision that neither the row's id nor its clause has.
func (r *Row) anotherModel(id string) bool {
	own := strings.ToLower(r.ID)
	if a, b := revisionOf(id), revisionOf(own); a != "" && b != "" && a != b && !r.Match.spells(cloudRevision.FindString(id)) {
		return true
	}
	known := map[string]bool{}
	for _, w := range idWords(own) {
		known[w] = true
	}
	r.Match.addWords(known)
	begun := false // what stands in front is who made or serves the model
	for _, w := range idWords(wayOfServing.ReplaceAllString(cloudRevision.ReplaceAllString(id, ""), "")) {
		begun = begun || known[w]
		switch {
		case known[w] || !begun || comeAndGo[w] || isNumber(w):
		case modelSize.MatchString(w) && r.free():
		default:
			return true
		}
	}
	return false
}

// addWords adds the words that a clause asks for.
func (c *Clause) addWords(to map[string]bool) {
	if c.Op == OpNot {
		return
	}
	for i := range c.Sub {
		c.Sub[i].addWords(to)
	}
	for _, w := range idWords(strings.ToLower(c.Text)) {
		to[w] = true
	}
}

// isNumber: dates, builds and the numbers of versions, which clauses guard
// themselves.
func isNumber(w string) bool { return strings.Trim(w, "0123456789") == "" }

// free reports whether every price of the row is nothing: then it costs
// nothing, whatever the size.
func (r *Row) free() bool {
	for i := range r.Entries {
		for _, p := range r.Entries[i].Rates {
			if p.Rate.Femto > 0 {
				return false
			}
		}
	}
	return true
}

// revisionOf is the major number of a cloud's revision; below 1 the minor one
// counts ("v0:2"). "" none.
func revisionOf(id string) string {
	m := cloudRevision.FindStringSubmatch(id)
	switch {
	case m == nil:
		return ""
	case m[1] == "0":
		return m[1] + "." + m[2]
	}
	return m[1]
}

// idWords splits an id, in lower case, at everything but letters and digits.
func idWords(id string) []string {
	return strings.FieldsFunc(id, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}
