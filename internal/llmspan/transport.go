package llmspan

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/failure"
	"github.com/spanledger/spanledger/internal/llm"
)

// Host is an inference endpoint by its host name.
type Host struct {
	// Name is a host name; with a leading "*." any host below it. A "*" within
	// the name stands for any one run of characters.
	Name string
	// Platform is what calls there are booked on.
	Platform string
}

// ReadTransport reads an HTTP client span to a provider's inference endpoint
// as the trace of a call that left no LLM span (or as an attempt of one that
// did): role transport, class of failure by status, platform by host, model
// where the path names it. It never has usage. Spans that are not that are
// left alone, as is c.
func (r *Reader) ReadTransport(res *ResourceView, scope *ScopeView, span ptrace.Span, c *llm.Call) bool {
	if span.Kind() != ptrace.SpanKindClient {
		return false
	}
	var w wire
	for k, v := range span.Attributes().All() {
		if len(k) > 7 {
			w.take(k, v)
		}
	}
	var h llm.HTTP
	w.settle(span, &h)
	if h.Path == "" || h.Host == "" || (h.Method != "" && h.Method != "POST") {
		return false
	}
	op, ok := endpointOf(h.Path)
	if !ok {
		return false
	}
	platform := r.platformOf(h.Host)
	if platform == "" {
		return false
	}
	*c = llm.Call{Role: llm.RoleTransport, Operation: op, Dialect: "http"}
	readSpan(span, res, scope, c)
	c.Ref.Provider, c.Ref.Server = platform, h.Host
	c.Ref.Request, c.Ref.Deployment = modelInPath(platform, h.Path)
	if h.Resend > 0 {
		c.Attempt.Number = h.Resend + 1
	}
	sig := failure.Signals{
		StatusError: c.Status == llm.StatusError || h.ConnectionError, ErrorType: w.errorType,
		HTTPStatus: h.StatusCode, StatusMessage: span.Status().Message(), Provider: platform,
	}
	c.Failure = failure.Classify(&sig)
	if c.Failed() && h.ConnectionError && c.Failure.Class == llm.ErrUnknown {
		c.Failure.Class = llm.ErrConnection
	}
	return true
}

// endpointOf knows the paths of inference by their ends, since gateways and
// API versions differ in what comes before.
func endpointOf(path string) (llm.Operation, bool) {
	path = strings.TrimSuffix(path, "/")
	last := path[strings.LastIndexByte(path, '/')+1:]
	if i := strings.LastIndexByte(last, ':'); i >= 0 {
		switch last[i+1:] {
		case "generateContent", "streamGenerateContent":
			return llm.OpGenerateContent, true
		case "rawPredict", "streamRawPredict", "predict", "serverStreamingPredict":
			return llm.OpUnknown, true
		case "embedContent", "batchEmbedContents":
			return llm.OpEmbeddings, true
		}
	}
	switch last {
	case "completions":
		if strings.HasSuffix(path, "/chat/completions") {
			return llm.OpChat, true
		}
		return llm.OpTextCompletion, true
	case "messages", "responses", "converse", "converse-stream", "chat":
		return llm.OpChat, true
	case "complete":
		return llm.OpTextCompletion, true
	case "embeddings", "embed":
		return llm.OpEmbeddings, true
	case "invoke", "invoke-with-response-stream":
		return llm.OpUnknown, strings.Contains(path, "/model/")
	case "generations", "edits":
		return llm.OpImage, strings.Contains(path, "/images/")
	case "speech":
		return llm.OpSpeech, strings.Contains(path, "/audio/")
	case "transcriptions", "translations":
		return llm.OpTranscription, strings.Contains(path, "/audio/")
	}
	return llm.OpUnknown, false
}

// modelInPath reads the model, or the deployment that stands for one, where
// the provider puts it into the path.
func modelInPath(platform, path string) (model, deployment string) {
	switch platform {
	case "aws.bedrock":
		return segmentAfter(path, "/model/"), ""
	case "gcp.gemini", "gcp.vertex_ai":
		m := segmentAfter(path, "/models/")
		if i := strings.LastIndexByte(m, ':'); i >= 0 {
			m = m[:i]
		}
		return m, ""
	case "azure.ai.openai":
		return "", segmentAfter(path, "/deployments/")
	}
	return "", ""
}

func segmentAfter(path, mark string) string {
	_, rest, ok := strings.Cut(path, mark)
	if !ok {
		return ""
	}
	segment, _, _ := strings.Cut(rest, "/")
	return segment
}
