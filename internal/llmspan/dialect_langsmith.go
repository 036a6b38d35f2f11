package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var langSmithDialect = dialect{
	name: "langsmith", title: "LangSmith",
	marker: "langsmith.span.kind decides",
	scopes: []string{"langsmith"},
	layer:  llm.LayerFramework,
	keys: []keyDef{
		{key: "langsmith.span.kind", form: formText, slot: sKindLangSmith},
		{key: "gen_ai.usage.input_token_details", form: formObject, slot: sBlobInput},
		{key: "gen_ai.usage.output_token_details", form: formObject, slot: sBlobOutput},
		{key: "langsmith.request.streaming", form: formText, slot: sStreaming, rank: 4},
		{key: "langsmith.metadata.thread_id", form: formText, slot: sConversation, rank: 4},
		{key: "langsmith.metadata.session_id", form: formText, slot: sConversation, rank: 5},
		{key: "langsmith.metadata.conversation_id", form: formText, slot: sConversation, rank: 4},
		{key: "langsmith.metadata.user_id", form: formText, slot: sUser, rank: 6},
		{key: "langsmith.metadata.ls_provider", form: formText, slot: sProviderHint},
		{key: "langsmith.metadata.ls_model_name", form: formText, slot: sRequestModel, rank: 7},
		{key: "langsmith.trace.session_id", form: formMark, slot: fNone},
		{key: "langsmith.trace.session_name", form: formMark, slot: fNone},
	},
}
