package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var mlflowDialect = dialect{
	name: "mlflow", title: "MLflow",
	marker: "mlflow.spanType, values JSON-quoted",
	scopes: []string{"mlflow"},
	layer:  llm.LayerFramework,
	keys: []keyDef{
		{key: "mlflow.spanType", form: formQuoted, slot: sKindMLflow},
		{key: "mlflow.llm.model", form: formQuoted, slot: sRequestModel, rank: 5},
		{key: "mlflow.llm.provider", form: formQuoted, slot: sProvider, rank: 5},
		{key: "mlflow.chat.tokenUsage", form: formObject, slot: sBlobMLflow},
		{key: "mlflow.llm.cost", form: formObject, slot: sBlobCost, rank: 2},
		{key: "mlflow.linkedPrompts", form: formObject, slot: sBlobPrompt, rank: 1},
		{key: "mlflow.trace.session", form: formQuoted, slot: sConversation, rank: 4},
		{key: "mlflow.trace.user", form: formQuoted, slot: sUser, rank: 5},
	},
}
