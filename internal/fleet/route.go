package fleet

import (
	"regexp"
	"strings"
)

var (
	imageSize  = regexp.MustCompile(`^(\d+-x-\d+|max-x-max|\d+-steps|max-steps)$`)
	commitment = regexp.MustCompile(`^\d+-month-commitment$`)
)

// stripRoutes removes what stands before the name and says how a call got
// there, one part at a time, and records what it says.
func (r *reading) stripRoutes(platform string) {
	if tail, ok := strings.CutPrefix(r.bare, "~"); ok && tail != "" {
		r.moving, r.name, r.bare = true, r.bare, tail
	}
	r.cutColonProvider(platform)
	r.cutRouted(platform)
	for {
		seg, rest, ok := strings.Cut(r.bare, "/")
		if !ok || seg == "" || rest == "" {
			return
		}
		if !r.stripRoute(seg, rest, platform) {
			return
		}
		if r.opaque {
			return
		}
	}
}

// stripRoute deals with one leading part; false stops.
func (r *reading) stripRoute(seg, rest, platform string) bool {
	next, _, nested := strings.Cut(rest, "/")
	switch {
	case imageSize.MatchString(seg), commitment.MatchString(seg), isQuality(seg) && imageSize.MatchString(next):
	case seg == "models", seg == "deployments":
	case seg == "publishers" && nested, seg == "projects" && nested, seg == "locations" && nested, seg == "accounts" && nested:
		return r.stripResource(seg, rest)
	case ownKinds[seg]:
		r.opaque, r.bare = true, seg+"/"+rest
		return false
	case seg == huggingFace && platform == huggingFace && nested: // said already
	case r.on(platform) == huggingFace && nested && routed[seg] != "":
		r.route = routed[seg]
	case seg == "@cf" || seg == "@hf":
		r.route = cloudflare
		r.name = r.bare
	case isModelRouter(seg): // "model_router/my-deployment"
		r.bare = seg
		return false
	case r.isPathRegion(seg, platform):
		if r.region == "" {
			r.region, _, _ = strings.Cut(seg, "-standard")
		}
	case r.isRoute(seg, rest, platform):
		return r.stripPlatform(seg, rest)
	case r.isHelicone(seg, next):
		name, _ := namedPlatform(next)
		r.route, r.bare = name, seg
		r.name = seg
		return false
	default:
		r.takeOrg(seg, rest, next)
		return false
	}
	r.bare = rest
	return true
}

// takeOrg reads the last part before a name: who made the model, or, where it is
// a model's own first word, the model ("flux/kontext-pro/text-to-image").
func (r *reading) takeOrg(seg, rest, next string) {
	if r.name == "" {
		r.name = r.bare
	}
	if _, _, isModel := familyOf(seg); isModel && orgs[seg] == "" {
		r.bare = seg + "-" + next
		return
	}
	r.org, r.bare = seg, rest
}

// stripResource unwraps the resource names of Google and Fireworks:
// publishers/x/models/m, projects/p/locations/l/…, accounts/a/models/m.
func (r *reading) stripResource(seg, rest string) bool {
	value, rest, _ := strings.Cut(rest, "/")
	if rest == "" {
		return false
	}
	switch seg {
	case "publishers":
		r.shape = vertex
		if value != "google" {
			r.vendor = orgs[value]
		}
	case "projects":
		r.route = vertex
	case "locations":
		r.region = shorten(value, maxWord)
	case "accounts":
		r.route = fireworks
		kind, model, ok := strings.Cut(rest, "/")
		if value != "fireworks" || !ok || kind == "deployments" {
			r.opaque, r.bare = true, seg+"/"+value+"/"+rest
			return false
		}
		r.bare = model
		if kind == "routers" {
			r.cutRouter()
		}
		return false
	}
	r.bare = rest
	return true
}

// ownKinds are resources that users make and name.
var ownKinds = words("tunedmodels endpoints endpoint application-inference-profile provisioned-model custom-model custom-model-deployment " +
	"imported-model prompt-router default-prompt-router prompt")

// cutRouter reads the end of a Fireworks router: "glm-5p2-fast-us".
func (r *reading) cutRouter() {
	r.name = r.bare
	if i := strings.LastIndexByte(r.bare, '-'); i > 0 && isGeo(r.bare[i+1:]) {
		r.bare, r.region = r.bare[:i], r.bare[i+1:]
	}
	for _, way := range [...]string{"fast", "ultrafast", "spot"} {
		if front, ok := strings.CutSuffix(r.bare, "-"+way); ok {
			r.bare, r.variant = front, way
		}
	}
}

func isQuality(s string) bool {
	return s == "hd" || s == "standard" || s == "low" || s == "medium" || s == "high" || s == "auto"
}

// isPathRegion: "azure/eu/…", "azure/global-standard/…", "bedrock/us-west-2/…".
func (r *reading) isPathRegion(seg, platform string) bool {
	switch r.on(platform) {
	case azureOpenAI, azureAI:
		return r.route != "" && (isGeo(seg) || seg == "global-standard")
	case bedrock, sageMaker:
		return isAWSRegion(seg)
	case vertex:
		return isGCPRegion(seg)
	}
	return false
}

// modes are parts behind "bedrock/" and the like that say how to call.
var modes = words("converse invoke converse_like mantle async_invoke responses chat completion agent nova llama deepseek_r1")

// namesMakers are platforms whose ids begin with the maker and nothing else.
var namesMakers = words("openrouter huggingface vercel kilo")

// isRoute reports whether a leading part names a platform rather than the
// maker. A word that is both names the platform where a maker follows, or where
// what follows is known to be another's.
func (r *reading) isRoute(seg, rest, platform string) bool {
	if r.route == bedrock && modes[seg] || r.route == openAI && modes[seg] {
		return true
	}
	name, isPlatform := namedPlatform(seg)
	if seg != openRouter && namesMakers[r.on(platform)] {
		return false
	}
	if isPlatform && name == r.route && name != "" {
		return false // said already: here it is the maker
	}
	if isPlatform && name == "" { // a framework's name: "litellm_proxy/…"
		return true
	}
	vendor, isOrg := orgs[seg]
	if !isPlatform && !isOrg {
		next, _, nested := strings.Cut(rest, "/")
		return word(seg) == platform || nested && orgs[next] != "" // a platform that no table knows
	}
	if !isPlatform {
		return false
	}
	if !isOrg {
		return true
	}
	if next, _, nested := strings.Cut(rest, "/"); nested {
		_, nextIsOrg := orgs[next]
		return nextIsOrg
	}
	_, f, ok := familyOf(rest)
	return ok && f.vendor != vendor && !strings.Contains(rest, "nemotron")
}

// stripPlatform records the platform and goes on, but for the names that a
// platform gives to models of its own ("openrouter/auto", "groq/compound").
func (r *reading) stripPlatform(seg, rest string) bool {
	if name, ok := namedPlatform(seg); ok && r.route == "" {
		r.route = name
	} else if !ok && r.shape == "" {
		r.shape = word(seg)
	}
	whole := r.bare
	r.bare = rest
	if strings.Contains(rest, "/") {
		return true
	}
	if seg == "groq" && strings.HasPrefix(rest, "compound") {
		r.name = whole
	}
	if seg == openRouter {
		if _, _, known := familyOf(rest); !known {
			r.name, r.vendor = whole, "openrouter"
			r.router = rest == "auto" || strings.HasPrefix(rest, "auto:")
			r.opaque = r.router
			if r.router {
				r.bare = whole
			}
		}
	}
	return false
}

// isHelicone: "claude-3-5-sonnet-20241022:online/anthropic", the model first.
func (r *reading) isHelicone(seg, next string) bool {
	if _, isOrg := orgs[seg]; isOrg {
		return false
	}
	name, isPlatform := namedPlatform(next)
	_, _, isModel := familyOf(seg)
	return isModel && isPlatform && name != ""
}

// routed are the platforms that Hugging Face's router sends calls to, by the
// names that it gives them.
var routed = func() map[string]string {
	out := map[string]string{}
	for p := range strings.FieldsSeq("cerebras cohere fal-ai featherless-ai fireworks-ai groq hf-inference hyperbolic nebius novita nscale " +
		"ovhcloud publicai replicate sambanova scaleway together zai-org") {
		out[p] = huggingFace + "_" + strings.ReplaceAll(p, "-", "_")
	}
	return out
}()

// cutRouted: "org/model:groq" names where Hugging Face's router sends a call,
// "org/model:fastest" how it chooses.
func (r *reading) cutRouted(platform string) {
	i := strings.LastIndexByte(r.bare, ':')
	if on := r.on(platform); i <= 0 || on != huggingFace && !strings.HasPrefix(on, huggingFace+"_") {
		return
	}
	switch tag := r.bare[i+1:]; {
	case routed[tag] != "":
		r.route, r.bare = routed[tag], r.bare[:i]
	case tag == "fastest" || tag == "cheapest" || tag == "preferred":
		r.bare = r.bare[:i]
	}
}

// cutColonProvider: "google-gla:gemini-2.0-flash", where what follows is no
// tag ("mistral:7b" is Ollama's).
func (r *reading) cutColonProvider(platform string) {
	front, rest, ok := strings.Cut(r.bare, ":")
	if !ok || rest == "" || platform == ollama || strings.Contains(front, "/") {
		return
	}
	name, isPlatform := namedPlatform(front)
	if !isPlatform {
		return
	}
	if _, _, isModel := familyOf(front); isModel {
		if _, _, tailToo := familyOf(rest); !tailToo && !strings.Contains(rest, "/") {
			return
		}
	}
	if name != "" {
		r.route = name
	}
	r.bare = rest
}
