package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var liteLLMDialect = dialect{
	name: "litellm", title: "LiteLLM",
	marker: "scope litellm, spans litellm_request; both its generations",
	scopes: []string{"litellm"},
	layer:  llm.LayerGateway,
	keys: []keyDef{
		{key: "litellm.provider.model", form: formText, slot: sDeployment},
		{key: "litellm.model_group", form: formText, slot: sRoute, rank: 6},
		{key: "metadata.model_group", form: formText, slot: sRoute, rank: 8},
		{key: "litellm.call_id", form: formText, slot: sCallID},
		{key: "litellm.provider.error.code", form: formText, slot: sErrorCode},
		{key: "litellm.request.purpose", form: formText, slot: sPurpose},
		{key: "http.response.header.x-litellm-attempted-retries", form: formHeader, slot: nRetries, rank: 6, quiet: true},
		{key: "http.response.header.x-litellm-attempted-fallbacks", form: formHeader, slot: nFallbacks, quiet: true},
		{key: "litellm.cache_hit", form: formText, slot: sCacheHit},
		{key: "hidden_params.cache_hit", form: formText, slot: sCacheHit, rank: 1},
		{key: "metadata.cache_hit", form: formText, slot: sCacheHit, rank: 2},
		{key: "gen_ai.cost.total_cost", form: formMoney, slot: mCost, rank: 2},
		{key: "hidden_params.response_cost", form: formMoney, slot: mCost, rank: 3},
		{key: "hidden_params", form: formObject, slot: sBlobHidden},
		{key: "metadata.usage_object", form: formObject, slot: sBlobLiteLLM},
		{key: "metadata.user_api_key_team_alias", form: formText, slot: sTeam, rank: 1},
		{key: "metadata.user_api_key_team_id", form: formText, slot: sTeam, rank: 2},
		{key: "metadata.user_api_key_org_id", form: formText, slot: sTenant, rank: 1},
		{key: "metadata.user_api_key_end_user_id", form: formText, slot: sUser, rank: 1},
		{key: "metadata.user_api_key_user_id", form: formText, slot: sUser, rank: 2},
		{key: "metadata.user_api_key_alias", form: formText, slot: sUser, rank: 3},
	},
}

// hiddenParams reads what LiteLLM's first generation tells only there: hidden
// retries and fallbacks, an answer from its own cache, the public model name.
func (s *scan) hiddenParams(text string) {
	var retries int64
	any := false
	for o := (objText{s: text}); ; {
		name, value, _, ok := o.next()
		if !ok {
			break
		}
		switch name {
		case "cache_hit":
			s.setText(sCacheHit, value)
		case "x-litellm-model-group":
			s.setText(sRoute, value)
		case "x-litellm-attempted-retries", "x-litellm-attempted-fallbacks":
			if n, ok := parseCount(value); ok {
				retries, any = retries+n, true
			}
		}
	}
	if any {
		s.setCount(nRetries, retries)
	}
}
