package fleet

import (
	"strings"

	"github.com/spanledger/spanledger/internal/llm"
)

// identify makes the identity of a reference. The model that answered is
// believed before the deployment, the deployment before the name asked for,
// as long as it can be identified; what the others say about platform, region
// and variant is kept.
func (r *Resolver) identify(ref llm.ModelRef) *llm.Model {
	host, hostRegion, _ := PlatformOfHost(ref.Server)
	provider := platformOf(ref.Provider)
	hint := host
	if hint == "" {
		hint = provider
	}
	req, dep, resp := r.readAs(ref.Request, hint), r.readAs(ref.Deployment, hint), r.readAs(ref.Response, hint)
	best := pick(&resp, &dep, &req)
	match := verdictOf(&req, &dep, &resp)

	m := &llm.Model{Ref: ref, Match: match}
	best.into(m)
	same := match != llm.MatchDifferent
	for _, other := range [...]*reading{&dep, &req} {
		if other == best || other.raw == "" {
			continue
		}
		if m.Region == "" {
			m.Region = other.region
		}
		if !same {
			continue
		}
		if m.Variant == "" && other.variant != "" {
			m.Variant = other.variant
		}
		if betterName(other, best) {
			m.Name = other.name
		}
	}
	if m.Region == "" {
		m.Region = hostRegion
	}
	m.Platform = platformFor(host, provider, best, &resp, &dep, &req)
	if isHome(m.Platform, m.Vendor) && m.Name == best.name && best.org != "" {
		m.Name = best.plain // on its own platform a lab needs no name in front
	}
	return m
}

// readAs reads one id, through the user's map where it names it.
func (r *Resolver) readAs(id, platform string) reading {
	if id == "" {
		return reading{}
	}
	rd := read(id, platform)
	if len(r.aliases) == 0 || rd.raw == "" {
		return rd
	}
	keys := [...]string{rd.raw, rd.name, ""}
	if rd.opaque {
		keys[2] = lastPart(rd.name)
	}
	for _, key := range keys {
		to, ok := r.aliases[key]
		if !ok {
			continue
		}
		to.raw = rd.raw
		if to.region == "" {
			to.region = rd.region
		}
		return to
	}
	return rd
}

// lastPart is what a user sees of an opaque resource: the profile's own id.
func lastPart(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// pick chooses which name to identify by.
func pick(resp, dep, req *reading) *reading {
	order := [...]*reading{resp, dep, req}
	for _, rd := range order {
		if rd.identified() {
			return rd
		}
	}
	for _, rd := range order {
		if rd.raw != "" && rd.vendor != "" {
			return rd
		}
	}
	for _, rd := range order {
		if rd.raw != "" {
			return rd
		}
	}
	return req
}

// identified: the name is one that the tables know.
func (r *reading) identified() bool { return r.raw != "" && !r.opaque && r.known }

func (r *reading) into(m *llm.Model) {
	m.ID, m.Vendor, m.Family, m.Region = r.id, r.vendor, r.family, r.region
	m.Snapshot, m.Name, m.Variant = r.snapshot, r.name, r.variant
	m.FineTuned, m.Opaque = r.tuned, r.opaque
	m.Version = r.generation
	if r.snap != "" {
		m.Version += "@" + r.snap
	}
}

// betterName reports whether another name of the same model is nearer to a
// platform's price list than the chosen one: it is as exact, and says more
// about geography, maker or variant.
func betterName(other, best *reading) bool {
	if other.opaque || other.id != best.id {
		return false
	}
	if other.snapshot == best.snapshot {
		return true
	}
	return other.region != "" && best.region == "" && other.shape == bedrock || other.variant != "" && best.variant == ""
}

// platformFor weighs the evidence on where a call was served: the user's own
// map, the host that was called, a prefix of the name, the provider, the form
// of the name, and last the maker's own platform.
func platformFor(host, provider string, best *reading, others ...*reading) string {
	for _, rd := range others {
		if rd.mapped && rd.route != "" {
			return rd.route
		}
	}
	for _, rd := range [...]*reading{others[1], best, others[0], others[2]} {
		if rd.route != "" && (host == "" || host == huggingFace && strings.HasPrefix(rd.route, huggingFace+"_")) {
			return rd.route
		}
	}
	if host != "" {
		return host
	}
	shape := best.shape
	for _, rd := range others {
		if shape == "" {
			shape = rd.shape
		}
	}
	// SDKs of these two are the world's generic clients: where another lab's
	// model answered, the provider's name is the SDK's and not the platform's.
	borrowed := (provider == openAI || provider == anthropic) && best.known && homes[best.vendor] != provider
	if provider == gemini && best.known && best.vendor != "google" {
		return vertex // Google serves other labs' models there alone
	}
	if provider != "" && !borrowed {
		return provider
	}
	if shape != "" {
		return shape
	}
	if home := homes[best.vendor]; home != "" {
		return home
	}
	return provider
}

// isHome reports whether a platform is the maker's own, whose list names its
// models without saying whose they are.
func isHome(platform, vendor string) bool {
	return platform != "" && (homes[vendor] == platform || vendor == platform) || vendor == "google" && strings.HasPrefix(platform, "gcp.")
}
