package llmspan

import "strings"

// hosts are the inference endpoints that are known without configuration.
var hosts = [...]Host{
	{"api.openai.com", "openai"},
	{"*.api.openai.com", "openai"},
	{"api.anthropic.com", "anthropic"},
	{"*.openai.azure.com", "azure.ai.openai"},
	{"*.cognitiveservices.azure.com", "azure.ai.openai"},
	{"*.services.ai.azure.com", "azure.ai.inference"},
	{"*.inference.ai.azure.com", "azure.ai.inference"},
	{"*.models.ai.azure.com", "azure.ai.inference"},
	{"bedrock-runtime.*.amazonaws.com", "aws.bedrock"},
	{"bedrock-runtime-fips.*.amazonaws.com", "aws.bedrock"},
	{"generativelanguage.googleapis.com", "gcp.gemini"},
	{"aiplatform.googleapis.com", "gcp.vertex_ai"},
	{"*-aiplatform.googleapis.com", "gcp.vertex_ai"},
	{"aiplatform.*.rep.googleapis.com", "gcp.vertex_ai"},
	{"api.mistral.ai", "mistral_ai"},
	{"codestral.mistral.ai", "mistral_ai"},
	{"api.cohere.com", "cohere"},
	{"api.cohere.ai", "cohere"},
	{"api.groq.com", "groq"},
	{"api.deepseek.com", "deepseek"},
	{"api.x.ai", "x_ai"},
	{"api.perplexity.ai", "perplexity"},
	{"openrouter.ai", "openrouter"},
	{"api.together.xyz", "together"},
	{"api.together.ai", "together"},
	{"api.fireworks.ai", "fireworks"},
	{"api.cerebras.ai", "cerebras"},
	{"api.sambanova.ai", "sambanova"},
	{"api.moonshot.ai", "moonshot_ai"},
	{"api.moonshot.cn", "moonshot_ai"},
	{"api.z.ai", "zai"},
	{"open.bigmodel.cn", "zhipuai"},
	{"dashscope.aliyuncs.com", "dashscope"},
	{"dashscope-intl.aliyuncs.com", "dashscope"},
	{"api.minimax.io", "minimax"},
	{"api.voyageai.com", "voyageai"},
	{"router.huggingface.co", "huggingface"},
	{"integrate.api.nvidia.com", "nvidia"},
	{"ai-gateway.vercel.sh", "vercel_ai_gateway"},
	{"*.ml.cloud.ibm.com", "ibm.watsonx.ai"},
}

// platformOf is the platform that a host serves for, "" where it is none.
// The user's own hosts come first.
func (r *Reader) platformOf(host string) string {
	for i := range r.hosts {
		if hostMatches(r.hosts[i].Name, host) {
			return r.hosts[i].Platform
		}
	}
	for i := range hosts {
		if hostMatches(hosts[i].Name, host) {
			return hosts[i].Platform
		}
	}
	return ""
}

// hostMatches compares without regard to case; one "*" in the pattern stands
// for one character or more.
func hostMatches(pattern, host string) bool {
	before, after, star := strings.Cut(pattern, "*")
	if !star {
		return strings.EqualFold(pattern, host)
	}
	if len(host) <= len(before)+len(after) {
		return false
	}
	return strings.EqualFold(host[:len(before)], before) && strings.EqualFold(host[len(host)-len(after):], after)
}
