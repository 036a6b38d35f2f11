package fleet

import (
	"slices"
	"strings"
)

// renamed are canonical names of models that some platform calls by another
// name altogether; the grammar alone could not bring them together.
var renamed = map[string]string{
	"gpt-4-preview":                          "gpt-4-turbo-preview",
	"llama-3.2-11b-instruct":                 "llama-3.2-11b-vision-instruct", // 11B and 90B exist with vision only
	"llama-3.2-90b-instruct":                 "llama-3.2-90b-vision-instruct",
	"llama-4-scout-17b-16e-instruct":         "llama-4-scout-17b-instruct", // Meta writes the experts, others do not
	"llama-4-maverick-17b-128e-instruct":     "llama-4-maverick-17b-instruct",
	"llama-4-maverick-17b-128e-instruct-fp8": "llama-4-maverick-17b-instruct-fp8",
	"embed-english-v3":                       "embed-english-v3.0",
	"embed-multilingual-v3":                  "embed-multilingual-v3.0",
	"embed-v4":                               "embed-v4.0",
	"embed-v3-english":                       "embed-english-v3.0", // Azure
	"embed-v3-multilingual":                  "embed-multilingual-v3.0",
	"nano-banana":                            "gemini-2.5-flash-image",
	"nano-banana-pro":                        "gemini-3-pro-image-preview",
}

// respell brings the parts of a name into the vendor's own words.
func respell(toks []string) []string {
	n := len(toks)
	// Groq serves the instruct models of Llama 3 under words of its own.
	if n > 2 && toks[0] == "llama" && (toks[n-1] == "versatile" || toks[n-1] == "instant") {
		toks[n-1] = "instruct"
	}
	return toks
}

// claude writes Anthropic's names: since generation 4 the tier comes first
// ("claude-opus-4-7"), before it the generation ("claude-3-5-sonnet"), and
// there is no dot. A ".0" or "-0" is the alias of the first snapshot of a
// generation. "v2" behind a Claude 3.5 Sonnet is what clouds call its second
// snapshot.
func (r *reading) claude(toks []string) (out []string, gen string) {
	var nums, wordsOut []string
	tail := []string{}
	for i, t := range toks {
		if i == 0 {
			continue
		}
		t = strings.TrimPrefix(t, "v")
		if m := pointP.FindStringSubmatch(t); m != nil {
			t = m[1] + "." + m[2]
		}
		major, minor, dotted := strings.Cut(t, ".")
		isNumber := len(major) > 0 && len(major) <= 2 && allDigits(major) && (!dotted || len(minor) <= 2 && allDigits(minor))
		switch {
		case isNumber && toks[i] != t && len(nums) > 0 && i == len(toks)-1: // v2 behind the name
			r.secondSnapshot(toks, t)
		case isNumber && len(nums) == 0:
			nums = append(nums, major)
			if dotted {
				nums = append(nums, minor)
			}
		case isNumber && len(nums) == 1 && !dotted && i > 0 && isNumberTok(toks[i-1]):
			nums = append(nums, t)
		case len(wordsOut) == 0:
			wordsOut = append(wordsOut, toks[i])
		default:
			tail = append(tail, toks[i])
		}
	}
	r.family = toks[0]
	if len(wordsOut) > 0 {
		tier, _, _ := strings.Cut(wordsOut[0], "@")
		r.family += "-" + tier
	}
	if len(nums) == 0 {
		return toks, ""
	}
	if len(nums) == 2 && strings.Trim(nums[1], "0") == "" {
		nums, r.moving = nums[:1], true
	}
	gen = strings.Join(nums, ".")
	out = []string{toks[0]}
	switch {
	case len(wordsOut) == 0 || wordsOut[0] == "instant" || len(nums[0]) == 1 && nums[0] < "3":
		out = append(append(out, wordsOut...), gen)
	case len(nums[0]) == 1 && nums[0] < "4":
		out = append(append(out, nums...), wordsOut...)
	default:
		out = append(append(out, wordsOut...), nums...)
	}
	return slices.Concat(out, tail), gen
}

func isNumberTok(t string) bool {
	t = strings.TrimPrefix(t, "v")
	return len(t) <= 2 && allDigits(t)
}

func (r *reading) secondSnapshot(toks []string, version string) {
	if version == "2" && slices.Contains(toks, "sonnet") && r.snap == "" {
		r.snap = "20241022"
	}
}
