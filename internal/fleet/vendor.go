package fleet

import "strings"

// orgs maps what stands in front of a model's name ("meta-llama/", "anthropic.")
// to the vendor: names of organisations as model hubs, aggregators and clouds
// spell them.
var orgs = spellings(orgTable)

var orgTable = map[string]string{
	"openai": "openai openai-community", "anthropic": "anthropic anthropics", "google": "google deepmind google-deepmind",
	"meta": "meta meta-llama meta_llama facebook", "mistral": "mistral mistralai mistral-ai mistral_ai",
	"cohere": "cohere coherelabs cohereforai cohere-labs", "amazon": "amazon amazon-nova amazon_nova aws",
	"xai": "xai x-ai spacexai", "deepseek": "deepseek deepseek-ai deepseek_ai",
	"alibaba": "qwen alibaba alibaba-nlp alibaba-qwen tongyi wan-ai", "moonshot": "moonshot moonshotai moonshot-ai kimi",
	"minimax": "minimax minimaxai minimax-ai", "zhipu": "zhipu zhipuai z-ai zai zai-org thudm zhipu-ai", "nvidia": "nvidia",
	"microsoft": "microsoft", "ai21": "ai21 ai21labs ai21-labs", "perplexity": "perplexity perplexity-ai",
	"stability": "stability stabilityai stability-ai", "ibm": "ibm ibm-granite", "writer": "writer",
	"voyage": "voyage voyageai voyage-ai", "black-forest-labs": "black-forest-labs black_forest_labs bfl",
	"inception": "inception inceptionlabs", "liquid": "liquid liquidai liquid-ai", "thinking-machines": "thinkingmachines thinking-machines",
	"bytedance": "bytedance bytedance-seed bytedance_seed", "tencent": "tencent", "baidu": "baidu", "xiaomi": "xiaomi xiaomimimo",
	"stepfun": "stepfun stepfun-ai", "upstage": "upstage", "ai2": "allenai ai2", "nous": "nousresearch nous-research",
	"arcee": "arcee-ai arcee", "01-ai": "01-ai 01ai", "databricks": "databricks", "snowflake": "snowflake", "reka": "rekaai reka-ai reka",
	"deepcogito": "deepcogito", "inclusionai": "inclusionai", "meituan": "meituan meituan-longcat", "baai": "baai", "jina": "jinaai jina-ai jina",
	"lg": "lgai-exaone lg", "tii": "tiiuae", "huggingface": "huggingfaceh4 huggingfacetb", "salesforce": "salesforce",
	"eleuther": "eleutherai", "bigcode": "bigcode", "internlm": "internlm opengvlab", "cognitivecomputations": "cognitivecomputations dphn",
	"sarvam": "sarvamai sarvam", "sakana": "sakanaai", "aion": "aion-labs", "morph": "morph", "relace": "relace", "kwaipilot": "kwaipilot",
	"prime-intellect": "prime-intellect primeintellect", "deepgram": "deepgram", "twelvelabs": "twelvelabs", "luma": "luma",
	"elevenlabs": "elevenlabs", "recraft": "recraft-ai recraft", "ideogram": "ideogram", "groq": "groq", "vercel": "vercel v0",
	"stanford": "stanford", "lmsys": "lmsys", "servicenow": "servicenow-ai servicenow", "essentialai": "essentialai",
}

// spelling is how a vendor joins a family's name and its generation.
type spelling uint8

const (
	asWritten spelling = iota
	dashed             // "llama3.1" is "llama-3.1"
	glued              // "qwen-3" is "qwen3"
)

// family is what the first words of a model's own name tell.
type family struct {
	vendor string
	style  spelling
}

// families are the first words by which a model is known wherever it is served.
var families = familyTable(
	"openai", "gpt- dall-e chatgpt codex whisper tts sora davinci babbage curie ada text-davinci text-curie text-babbage code-davinci "+
		"text-embedding-ada text-similarity omni-moderation text-moderation computer-use o computer-use-preview",
	"anthropic", "claude",
	"google", "gemini gemma- codegemma shieldgemma paligemma medgemma embeddinggemma translategemma functiongemma txgemma t5gemma palm text-bison "+
		"chat-bison code-bison codechat-bison code-gecko text-unicorn textembedding-gecko multimodalembedding text-multilingual-embedding "+
		"imagen imagegeneration imagetext veo lyria learnlm medlm chirp nano-banana aqa deep-research",
	"meta", "llama- codellama muse",
	"mistral", "mistral mixtral ministral magistral codestral devstral pixtral voxtral mamba-codestral open-mistral open-mixtral mathstral leanstral saba",
	"cohere", "command c4ai aya c4ai-aya embed-english embed-multilingual embed-v rerank-english rerank-multilingual rerank-v embed rerank",
	"amazon", "nova titan",
	"xai", "grok",
	"deepseek", "deepseek janus",
	"alibaba", "+qwen qwq qvq wan gte tongyi marco-o1",
	"moonshot", "kimi moonshot",
	"minimax", "minimax abab hailuo",
	"zhipu", "glm- chatglm codegeex cogview cogvideox cogvlm autoglm",
	"nvidia", "nemotron nemoretriever nv-embed nv-rerank nv llama-nemotron",
	"microsoft", "phi- wizardlm mai orca vibevoice model-router",
	"ai21", "jamba jurassic j2",
	"perplexity", "sonar r1-1776 pplx",
	"stability", "stable sdxl stablelm stablecode sd",
	"ibm", "granite",
	"writer", "palmyra",
	"voyage", "voyage",
	"black-forest-labs", "flux",
	"inception", "mercury",
	"liquid", "+lfm",
	"thinking-machines", "inkling",
	"bytedance", "doubao seed ui-tars seedance seedream bagel",
	"tencent", "hunyuan hy3 hy4",
	"baidu", "ernie",
	"xiaomi", "mimo",
	"stepfun", "step",
	"upstage", "solar",
	"ai2", "olmo molmo tulu olmocr",
	"nous", "hermes nous-hermes deephermes",
	"arcee", "trinity virtuoso afm",
	"01-ai", "yi",
	"databricks", "dbrx dolly",
	"snowflake", "arctic snowflake-arctic",
	"reka", "reka",
	"deepcogito", "cogito",
	"meituan", "longcat",
	"baai", "bge",
	"jina", "jina",
	"lg", "exaone",
	"tii", "falcon",
	"internlm", "internlm internvl",
	"cognitivecomputations", "dolphin",
	"sarvam", "sarvam",
	"groq", "compound",
	"vercel", "v0",
	"bigcode", "starcoder",
	"huggingface", "smollm smolvlm zephyr",
	"kwaipilot", "kat",
	"luma", "ray photon",
	"twelvelabs", "pegasus marengo",
	"deepgram", "aura",
	"lmsys", "vicuna",
)

// familyTable reads pairs of a vendor and its words; a dash behind a word says
// that the vendor puts one before the generation, a plus before it that none.
func familyTable(pairs ...string) map[string]family {
	out := map[string]family{}
	for i := 0; i < len(pairs); i += 2 {
		for _, w := range strings.Fields(pairs[i+1]) {
			f := family{vendor: pairs[i]}
			if bare, ok := strings.CutSuffix(w, "-"); ok {
				w, f.style = bare, dashed
			}
			if bare, ok := strings.CutPrefix(w, "+"); ok {
				w, f.style = bare, glued
			}
			out[w] = f
		}
	}
	return out
}

// familyOf finds the longest known first words of a name. They end where no
// letter follows, so that "novana" is no "nova" but "llama3" is a "llama".
func familyOf(name string) (words string, f family, ok bool) {
	for end := min(len(name), 40); end > 0; end-- {
		if end < len(name) && isLetter(name[end]) {
			continue
		}
		f, ok = families[name[:end]]
		if !ok {
			continue
		}
		// OpenAI's reasoning series is a letter and a number: "o3", not "o-x".
		if name[:end] == "o" && (end == len(name) || !isDigit(name[end])) {
			return "", family{}, false
		}
		// "chatgpt-v-2" is a deployment of somebody's.
		if name[:end] == "chatgpt" && !strings.HasPrefix(name[end:], "-image") && (len(name) <= end+1 || !isDigit(name[end+1])) {
			return "", family{}, false
		}
		return name[:end], f, true
	}
	// text-embedding is a family of two labs: Google counts to 00x.
	if tail, ok := strings.CutPrefix(name, "text-embedding-"); ok && tail != "" && isDigit(tail[0]) {
		if len(tail) >= 3 && allDigits(tail[:3]) || strings.HasPrefix(tail, "large-exp") {
			return "text-embedding", family{vendor: "google"}, true
		}
		return "text-embedding", family{vendor: "openai"}, true
	}
	return "", family{}, false
}

// ownNames are platforms whose own models bear names that other vendors use as
// well ("nova-3" is no Nova of Amazon's there).
var ownNames = words("deepgram elevenlabs assemblyai soniox")

// closed are platforms that serve models of their own alone: a name that no
// table knows is still the platform's.
var closed = map[string]string{
	"deepgram": "deepgram", "elevenlabs": "elevenlabs", "assemblyai": "assemblyai", "soniox": "soniox", "exa_ai": "exa",
	"tavily": "tavily", "firecrawl": "firecrawl", "linkup": "linkup", "tinyfish": "tinyfish", "duckduckgo": "duckduckgo",
	"apiserpent": "apiserpent", "reducto": "reducto", "stability_ai": "stability", "voyage_ai": "voyage", "jina_ai": "jina",
	"inception": "inception", "writer": "writer", "ai21": "ai21", "cohere": "cohere", "perplexity": "perplexity",
	"black_forest_labs": "black-forest-labs", "sarvam": "sarvam", "v0": "vercel", "parallel_ai": "parallel", "brave": "brave",
	"searxng": "searxng", "serper": "serper", "dataforseo": "dataforseo", "google_pse": "google", "recraft": "recraft",
	"runwayml": "runway", "topaz": "topaz", "morph": "morph", "upstage": "upstage",
	"anthropic": "anthropic", "deepseek": "deepseek", "x_ai": "xai", "moonshot_ai": "moonshot", "minimax": "minimax",
	"z_ai": "zhipu", "kimi_coding": "moonshot", "ant_ling": "inclusionai", "zhipu_ai": "zhipu", "amazon_nova": "amazon",
}

// onAzure are the vendors whose models Azure serves. A deployment there is named
// by its user, so a word that merely looks like another vendor's is no evidence.
var onAzure = words("openai meta mistral cohere deepseek microsoft xai anthropic ai21 nvidia moonshot alibaba stability black-forest-labs")

// hubs are platforms that name models as "organisation/model": there an
// organisation that no table knows is still the vendor.
var hubs = words("openrouter huggingface together_ai deepinfra groq nebius novita hyperbolic featherless_ai vercel " +
	"cloudflare cloudflare_ai_gateway nvidia_nim github modal baseten replicate lmstudio vllm anyscale scaleway " +
	"gmi libertai kilo aiml fal_ai tensormesh llamagate friendliai nscale fireworks_ai wandb chutes synthetic parasail")
