package fleet

import "strings"

// unwrap takes an id out of an ARN. Foundation models and system-defined
// inference profiles are named inside; everything else in an ARN (application
// inference profiles, provisioned, custom and imported models, prompt routers,
// endpoints) is a name of the user's own.
func (r *reading) unwrap() {
	i := strings.Index(r.bare, "arn:aws")
	if i < 0 || i > 0 && r.bare[i-1] != '/' {
		return
	}
	parts := strings.SplitN(r.bare[i:], ":", 6) // arn:partition:service:region:account:resource
	if len(parts) < 6 || parts[5] == "" {
		return
	}
	r.route = bedrock
	if parts[2] == "sagemaker" {
		r.route = sageMaker
	}
	r.region = shorten(parts[3], maxWord)
	kind, name, _ := strings.Cut(parts[5], "/")
	if (kind == "foundation-model" || kind == "inference-profile") && name != "" {
		r.bare = name
		return
	}
	r.opaque = true
	r.bare = parts[5] // without the account
}

// splitDots takes geography and maker off a cloud's dotted id:
// "us.anthropic.claude-…", "meta.llama3-…".
func (r *reading) splitDots() {
	first, rest, ok := strings.Cut(r.bare, ".")
	if !ok || r.org != "" {
		return
	}
	if second, _, dotted := strings.Cut(rest, "."); isGeo(first) && dotted && orgs[second] != "" {
		r.region, r.shape = first, bedrock
		first, rest, _ = strings.Cut(rest, ".")
	}
	vendor, isOrg := orgs[first]
	if !isOrg || rest == "" || !isLetter(rest[0]) {
		return
	}
	if r.name == "" {
		r.name = r.bare
	}
	if r.shape == "" {
		r.shape = bedrock
	}
	if vendor == "deepseek" && len(rest) > 1 && isDigit(rest[1]) { // "deepseek.v3-v1:0", "deepseek.r1-…"
		rest = "deepseek-" + rest
	}
	r.vendor, r.bare = vendor, rest
}

// splitTuned takes a fine-tuned model's base: "ft:gpt-4o:org:name:id",
// "gpt-35-turbo-0613.ft-…".
func (r *reading) splitTuned() {
	if tail, ok := strings.CutPrefix(r.bare, tunedPrefix); ok && tail != "" {
		r.bare, r.owner, _ = strings.Cut(tail, ":")
		r.tuned, r.name = true, tunedPrefix+r.bare
		return
	}
	if i := strings.Index(r.bare, ".ft"); i > 0 && (i+3 == len(r.bare) || r.bare[i+3] == '-') {
		r.owner = r.bare[i+3:]
		r.bare = r.bare[:i]
		r.tuned, r.name = true, r.bare+".ft"
	}
}
