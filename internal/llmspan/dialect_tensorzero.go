package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var tensorZeroDialect = dialect{
	name: "tensorzero", title: "TensorZero",
	marker: "spans named model_provider_inference and its wrappers",
	scopes: []string{"tensorzero"},
	layer:  llm.LayerGateway,
	keys: []keyDef{
		{key: "model_name", form: formText, slot: sRequestModel, rank: 8, gate: gateTensorZero | gatePydantic},
		{key: "provider_name", form: formText, slot: sProvider, rank: 8, gate: gateTensorZero},
		{key: "function_name", form: formText, slot: sRoute, rank: 3, gate: gateTensorZero},
		{key: "variant_name", form: formMark, slot: fNone, gate: gateTensorZero},
	},
}
