package fleet

import "strings"

// hosts maps the suffix of an inference endpoint's host to its platform. A
// suffix matches whole labels only.
var hosts = spellings(hostTable)

var hostTable = map[string]string{
	openAI: "api.openai.com", anthropic: "api.anthropic.com", "chatgpt": "chatgpt.com",
	azureOpenAI: "openai.azure.com openai.azure.us openai.azure.cn cognitiveservices.azure.com api.cognitive.microsoft.com",
	azureAI:     "services.ai.azure.com models.ai.azure.com inference.ai.azure.com inference.ml.azure.com",
	gemini:      "generativelanguage.googleapis.com",
	vertex:      "aiplatform.googleapis.com",

	"cohere": "api.cohere.ai api.cohere.com", "deepseek": "api.deepseek.com", "groq": "api.groq.com",
	"ibm.watsonx.ai": "ml.cloud.ibm.com", "mistral_ai": "api.mistral.ai codestral.mistral.ai",
	"moonshot_ai": "api.moonshot.ai api.moonshot.cn", "perplexity": "api.perplexity.ai", "x_ai": "api.x.ai",
	openRouter: "openrouter.ai", "together_ai": "api.together.xyz api.together.ai", fireworks: "api.fireworks.ai",
	"cerebras": "api.cerebras.ai", "huggingface": "router.huggingface.co api-inference.huggingface.co endpoints.huggingface.cloud",
	databricks: "cloud.databricks.com azuredatabricks.net gcp.databricks.com", "snowflake": "snowflakecomputing.com",
	cloudflare: "api.cloudflare.com", "cloudflare_ai_gateway": "gateway.ai.cloudflare.com",
	"github": "models.github.ai models.inference.ai.azure.com", "github_copilot": "githubcopilot.com",
	"vercel": "ai-gateway.vercel.sh", "nvidia_nim": "integrate.api.nvidia.com ai.api.nvidia.com",
	"deepinfra": "api.deepinfra.com", nebius: "api.studio.nebius.ai api.studio.nebius.com api.tokenfactory.nebius.com",
	"novita": "api.novita.ai", "hyperbolic": "api.hyperbolic.xyz", "sambanova": "api.sambanova.ai",
	"replicate": "api.replicate.com", "baseten": "inference.baseten.co", "featherless_ai": "api.featherless.ai",
	"friendliai": "api.friendli.ai", "lambda_ai": "api.lambda.ai", "nscale": "inference.api.nscale.com",
	"ovhcloud": "endpoints.kepler.ai.cloud.ovh.net", "scaleway": "api.scaleway.ai",
	"dashscope": "dashscope.aliyuncs.com dashscope-intl.aliyuncs.com dashscope-us.aliyuncs.com", "volcengine": "volces.com",
	"z_ai": "api.z.ai", "zhipu_ai": "open.bigmodel.cn", "minimax": "api.minimax.io api.minimax.chat api.minimaxi.com",
	"ai21": "api.ai21.com", "voyage_ai": "api.voyageai.com", "jina_ai": "api.jina.ai", "stability_ai": "api.stability.ai",
	"black_forest_labs": "api.bfl.ai api.bfl.ml", "inception": "api.inceptionlabs.ai", "writer": "api.writer.com",
	"meta": "api.llama.com", "upstage": "api.upstage.ai", "morph": "api.morphllm.com", "fal_ai": "fal.run",
	"aiml": "api.aimlapi.com", "elevenlabs": "api.elevenlabs.io", "deepgram": "api.deepgram.com", "assemblyai": "api.assemblyai.com",
	"ollama_cloud": "ollama.com", "amazon_nova": "api.nova.amazon.com",
}

// PlatformOfHost says which platform an endpoint belongs to and the region
// that its name gives ("" none). It takes a bare host, with or without a port;
// not ok for a host that no provider's table has.
func PlatformOfHost(host string) (platform, region string, ok bool) {
	h := hostOnly(host)
	if h == "" || len(h) > maxField {
		return "", "", false
	}
	if platform, region, ok = awsHost(h); ok {
		return platform, region, true
	}
	// "us-central1-aiplatform.googleapis.com" joins the region with a dash.
	if front, ok := strings.CutSuffix(h, "-aiplatform.googleapis.com"); ok && front != "" && !strings.Contains(front, ".") {
		return vertex, front, true
	}
	// "aiplatform.eu.rep.googleapis.com" has it behind.
	if front, ok := strings.CutSuffix(h, ".rep.googleapis.com"); ok {
		region, ok := strings.CutPrefix(front, "aiplatform.")
		if !ok {
			return "", "", false
		}
		return vertex, region, true
	}
	for tail := h; tail != ""; {
		if platform, ok := hosts[tail]; ok {
			return platform, hostRegion(platform, strings.TrimSuffix(strings.TrimSuffix(h, tail), "."), tail), true
		}
		_, tail, _ = strings.Cut(tail, ".")
	}
	return "", "", false
}

// hostOnly removes what is no host from what an emitter calls an address.
func hostOnly(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if i := strings.Index(s, "://"); i >= 0 {
		s = s[i+3:]
	}
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 && allDigits(s[i+1:]) {
		s = s[:i]
	}
	return strings.TrimSuffix(s, ".")
}

// hostRegion reads the region from the labels in front of a known suffix.
func hostRegion(platform, front, suffix string) string {
	switch platform {
	case openAI: // eu.api.openai.com
		if isGeo(front) {
			return front
		}
	case vertex: // aiplatform.googleapis.com itself is the global endpoint
		if front == "" {
			return "global"
		}
		return front
	case azureOpenAI: // westeurope.api.cognitive.microsoft.com
		if suffix == "api.cognitive.microsoft.com" && !strings.Contains(front, ".") {
			return front
		}
	case azureAI: // name.eastus2.models.ai.azure.com
		if i := strings.LastIndexByte(front, '.'); i >= 0 && suffix != "services.ai.azure.com" {
			return front[i+1:]
		}
	case "ibm.watsonx.ai": // eu-de.ml.cloud.ibm.com
		return front
	case "dashscope":
		if tail, ok := strings.CutPrefix(strings.TrimSuffix(suffix, ".aliyuncs.com"), "dashscope-"); ok {
			return tail
		}
	}
	return ""
}

// awsHost reads the hosts of AWS, FIPS and VPC endpoints included:
// "bedrock-runtime.us-east-1.amazonaws.com", "vpce-1-2.bedrock-runtime.eu-west-1.vpce.amazonaws.com".
func awsHost(h string) (platform, region string, ok bool) {
	front, ok := strings.CutSuffix(h, ".amazonaws.com")
	if !ok {
		if front, ok = strings.CutSuffix(h, ".amazonaws.com.cn"); !ok {
			if front, ok = strings.CutSuffix(h, ".api.aws"); !ok { // dual stack, and bedrock-mantle
				return "", "", false
			}
		}
	}
	for rest := front; rest != ""; {
		var label string
		label, rest, _ = strings.Cut(rest, ".")
		switch strings.TrimSuffix(label, "-fips") {
		case "bedrock-runtime", "bedrock-mantle", "bedrock", "bedrock-agent-runtime":
			platform = bedrock
		case "runtime": // runtime.sagemaker.<region>
			if strings.HasPrefix(rest, "sagemaker") {
				platform = sageMaker
			}
		default:
			if region == "" && isAWSRegion(label) {
				region = label
			}
		}
	}
	return platform, region, platform != ""
}

// isAWSRegion reports whether a word has the form of a region: "us-west-2",
// "us-gov-east-1", "ap-southeast-4".
func isAWSRegion(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) < 3 || len(parts) > 4 || len(parts[0]) != 2 || len(parts[len(parts)-1]) != 1 || !isDigit(s[len(s)-1]) {
		return false
	}
	for _, p := range parts[:len(parts)-1] {
		if p == "" || !isLetter(p[0]) {
			return false
		}
	}
	return true
}

// isGCPRegion: "us-central1", "europe-west4", "global".
func isGCPRegion(s string) bool {
	front, tail, ok := strings.Cut(s, "-")
	if !ok {
		return s == "global"
	}
	return len(front) >= 2 && len(tail) > 2 && isDigit(s[len(s)-1]) && isLetter(tail[0]) && !strings.Contains(tail, "-") && !strings.Contains(tail, ".")
}

var geos = words("us eu jp au apac in us-gov global ca sa me af uk il mx regional")

// isGeo reports whether a word is a geography that inference profiles and
// regional endpoints are named by.
func isGeo(s string) bool { return geos[s] }
