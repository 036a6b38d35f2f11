package llmspan

import "github.com/spanledger/spanledger/internal/llm"

var claudeCodeDialect = dialect{
	name: "claude_code", title: "Claude Code",
	marker: "spans named claude_code.*; bare names are read only there",
	scopes: []string{"com.anthropic.claude_code"},
	layer:  llm.LayerClient,
	keys: []keyDef{
		{key: "span.type", form: formText, slot: sKindClaudeCode, gate: gateClaudeCode},
		{key: "model", form: formText, slot: sRequestModel, rank: 8, gate: gateClaudeCode | gateCodex},
		{key: "input_tokens", form: formCount, slot: nInput, rank: 8, gate: gateClaudeCode},
		{key: "output_tokens", form: formCount, slot: nOutput, rank: 8, gate: gateClaudeCode},
		{key: "cache_read_tokens", form: formCount, slot: nCacheRead, rank: 8, gate: gateClaudeCode},
		{key: "cache_creation_tokens", form: formCount, slot: nCacheWrite, rank: 8, gate: gateClaudeCode},
		{key: "ttft_ms", form: formMillis, slot: nFirstChunk, rank: 8, gate: gateClaudeCode},
		{key: "first_content_ms", form: formMillis, slot: nFirstChunk, rank: 9, gate: gateClaudeCode},
		{key: "attempt", form: formCount, slot: nAttempts, rank: 8, gate: gateClaudeCode},
		{key: "success", form: formText, slot: sSuccess, rank: 8, gate: gateClaudeCode},
		{key: "status_code", form: formCount, slot: nHTTPStatus, rank: 8, gate: gateClaudeCode},
		{key: "error_class", form: formText, slot: sErrorType, rank: 8, gate: gateClaudeCode},
		{key: "error", form: formText, slot: sLevelText, rank: 8, gate: gateClaudeCode},
		{key: "stop_reason", form: formText, slot: sFinish, rank: 8, gate: gateClaudeCode},
		{key: "speed", form: formText, slot: sSpeed, rank: 8, gate: gateClaudeCode},
		{key: "request_id", form: formText, slot: sResponseID, rank: 9, gate: gateClaudeCode},
		{key: "workflow.name", form: formText, slot: sWorkflow, rank: 8, gate: gateClaudeCode | gateAgentFramework},
	},
}
