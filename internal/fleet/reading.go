package fleet

import (
	"regexp"
	"strings"
)

// tunedPrefix marks the canonical id of a fine-tuned model, which is another
// model, at another price, than its base.
const tunedPrefix = "ft:"

// reading is what one id says by itself.
type reading struct {
	raw  string // the clean id, whole
	name string // what price lists are searched by (llm.Model.Name)
	bare string // what is left to be understood

	route  string // platform that a prefix names
	shape  string // platform that the form gives away, where nothing else says
	region string
	vendor string
	org    string // organisation in front of the name, as written
	plain  string // name without the organisation

	variant, revision        string // "free"; "1:0"
	generation, snap, family string
	id, snapshot             string

	known  bool // the name is one of a vendor's that we know
	moving bool // a name that moves from model to model, or from snapshot to snapshot
	tuned  bool
	opaque bool   // a name of the user's own
	named  bool   // served where users name deployments, so the name may be one
	router bool   // answers with models of other names
	mapped bool   // came from the user's map
	owner  string // of a fine-tuned model, to tell two of one base apart
}

// read takes an id apart. platform is what the provider or the host said, ""
// unknown: some spellings mean different things on different platforms.
//
// A canonical id names itself: where taking an id apart leaves another that
// could be taken apart again, that is done, and what the outer one said stays.
func read(id, platform string) reading {
	r := readOnce(id, platform)
	for range maxPasses {
		if r.opaque {
			return r
		}
		inner := readOnce(r.id, platform)
		if inner.id == r.id {
			return r
		}
		inner.raw, inner.name, inner.plain = r.raw, r.name, r.plain
		for _, keep := range [...]struct{ to, from *string }{
			{&inner.route, &r.route}, {&inner.shape, &r.shape}, {&inner.region, &r.region}, {&inner.variant, &r.variant}, {&inner.org, &r.org},
		} {
			if *keep.from != "" {
				*keep.to = *keep.from
			}
		}
		inner.moving = inner.moving || r.moving
		r = inner
	}
	whole := clean(id) // no name stands still in this
	return reading{raw: whole, name: whole, plain: whole, id: whole, snapshot: whole, opaque: true}
}

// maxPasses bounds how often an id is taken apart; real ones need one.
const maxPasses = 8

func readOnce(id, platform string) reading {
	r := reading{raw: clean(id)}
	if r.raw == "" {
		return r
	}
	r.bare = r.raw
	r.unwrap()
	if !r.opaque {
		r.stripRoutes(platform)
	}
	if r.opaque {
		r.keepWhole()
		return r
	}
	on := r.on(platform)
	if isModelRouter(r.bare) {
		r.routed(platform)
		return r
	}
	r.splitDots()
	r.splitTuned()
	r.dash()
	r.named = isOwnNaming(on)
	if r.name == "" {
		r.name = r.bare
	}
	r.plain = strings.TrimPrefix(r.name, r.org+"/")
	r.whoMade(on)
	if r.vendor == "" && isOwnNaming(on) && !r.router {
		r.opaque = true
		r.keepWhole()
		return r
	}
	r.cutSuffixes(on)
	r.understand()
	return r
}

// on is the platform that the rules of spelling are those of.
func (r *reading) on(platform string) string {
	if r.route != "" {
		return r.route
	}
	return platform
}

// keepWhole makes the id its own identity, unchanged.
func (r *reading) keepWhole() {
	if r.name == "" {
		r.name = r.bare
	}
	r.id, r.snapshot = r.name, r.name
}

// isModelRouter: Azure's router is deployed under a name of its own.
func isModelRouter(s string) bool {
	s, _, _ = strings.Cut(s, "-202")
	return s == "model-router" || s == "model_router" || s == "azure-model-router"
}

// routed makes a reading of a router that answers with other vendors' models.
func (r *reading) routed(platform string) {
	r.vendor, r.router, r.opaque = "microsoft", true, true
	if r.route == "" && platform == "" {
		r.route = azureAI
	}
	r.name = r.bare
	r.id, r.snapshot = "model-router", "model-router"
}

// isOwnNaming reports whether a name on this platform that is no model's is one
// that a user gave.
func isOwnNaming(on string) bool {
	return on == azureOpenAI || on == azureAI || on == sageMaker || on == databricks
}

// dash puts dashes where somebody's code wrote underscores ("gpt_4o_mini"), if
// that makes a name of it that is known. The underscores of a quantisation
// ("q4_k_m") stay.
func (r *reading) dash() {
	front, tag, tagged := strings.Cut(r.bare, ":")
	if !strings.Contains(front, "_") || underscored.MatchString(front) {
		return
	}
	dashed := strings.ReplaceAll(front, "_", "-")
	if _, _, ok := undecorated(dashed, 3); !ok {
		return
	}
	if r.name == "" {
		r.name = r.bare
	}
	if r.bare = dashed; tagged {
		r.bare += ":" + tag
	}
}

var underscored = regexp.MustCompile(`q\d_`)

// whoMade finds the vendor: by the organisation in front, by the name's first
// words, by the platform where that serves its own models alone.
func (r *reading) whoMade(on string) {
	if r.vendor == "" && r.org != "" {
		r.vendor = orgs[r.org]
	}
	r.dropDecoration()
	if r.vendor == "" && ownNames[on] {
		r.vendor = closed[on]
		return
	}
	_, f, ok := familyOf(r.bare)
	if isOwnNaming(on) && r.vendor == "" && ok && on != databricks && !onAzure[f.vendor] {
		return
	}
	if ok && closed[on] != "" && anybodys[first(r.bare)] {
		f.vendor = closed[on]
	}
	if ok && (r.vendor == "" || r.vendor == f.vendor) {
		r.vendor, r.known = f.vendor, true
	}
	if strings.Contains(r.bare, "nemotron") && r.vendor != "nvidia" {
		r.vendor, r.known = "nvidia", true
	}
	switch {
	case r.vendor != "":
	case closed[on] != "":
		r.vendor = closed[on]
	case r.org != "" && (hubs[on] || on == "" || strings.HasPrefix(on, "huggingface_")):
		r.vendor = shorten(r.org, maxWord)
	}
}

// anybodys are names that more than one lab gives: on a platform that serves
// its own models alone they are that platform's ("rerank-2.5" of Voyage).
var anybodys = words("rerank embed")

func first(s string) string {
	s, _, _ = strings.Cut(s, "-")
	return s
}

// dropDecoration removes a maker's or platform's name from in front of a model
// that has a name of its own: "databricks-claude-…", "meta-llama-3",
// "zai-glm-4.6", "anthropic--claude-4-sonnet".
func (r *reading) dropDecoration() {
	bare, vendor, ok := undecorated(r.bare, 3)
	if !ok {
		return
	}
	if r.vendor == "" {
		r.vendor = vendor
	}
	r.bare = bare
}

// undecorated finds the known name inside a decorated one and the maker that
// the decoration names ("" a platform).
func undecorated(s string, depth int) (name, vendor string, ok bool) {
	if _, _, known := familyOf(s); known {
		return s, "", true
	}
	for i := 0; i < len(s) && depth > 0; i++ {
		if s[i] != '-' {
			continue
		}
		front, rest := s[:i], strings.TrimLeft(s[i:], "-")
		maker, isOrg := orgs[front]
		if !isOrg && !hostsByName[front] {
			continue
		}
		if name, inner, ok := undecorated(rest, depth-1); ok {
			if inner == "" && !hostsByName[front] {
				inner = maker
			}
			return name, inner, true
		}
	}
	return s, "", false
}

// hostsByName are platforms that put their own name in front of a model's.
var hostsByName = words("databricks meta-textgeneration huggingface-llm huggingface-textgeneration snowflake system.ai bedrock vertex labs")
