package llmspan

import (
	"cmp"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/failure"
	"github.com/spanledger/spanledger/internal/llm"
)

// events is what the events of one span tell.
type events struct {
	exceptionType, exceptionMessage string
	finish                          string // of the answer, where an event tells it
	retries                         int    // one event per attempt after the first
	firstChunkAt                    int64  // Unix nanoseconds, 0 none
}

// readEvents goes over the events once; texts are looked at by the caller and
// not kept.
func readEvents(span ptrace.Span, e *events) {
	list := span.Events()
	for i := range list.Len() {
		ev := list.At(i)
		switch ev.Name() {
		case "exception", "gen_ai.client.operation.exception":
			for k, v := range ev.Attributes().All() {
				if v.Type() != pcommon.ValueTypeStr {
					continue
				}
				switch k {
				case "exception.type":
					e.exceptionType = v.Str()
				case "exception.message":
					e.exceptionMessage = v.Str()
				}
			}
		case "gen_ai.choice":
			if v, ok := ev.Attributes().Get("finish_reason"); ok && v.Type() == pcommon.ValueTypeStr && (e.finish == "" || notable(v.Str())) {
				e.finish = v.Str()
			}
		case "gen_ai.request.attempt", "retry", "gen_ai.retry":
			e.retries++
		case "ai.stream.firstChunk", "First Token Stream Event", "gen_ai.first_chunk", "llm.content.completion.chunk":
			if e.firstChunkAt == 0 {
				e.firstChunkAt = int64(ev.Timestamp())
			}
		}
	}
}

// dialectError is an emitter's own word for a failed span.
func (s *scan) dialectError() bool {
	return s.texts[sLevel] == "ERROR" || isFalse(s.texts[sSuccess])
}

// failure classifies the end of the call. The texts are passed by reference
// for the length of the call and are not kept.
func (s *scan) failure(span ptrace.Span, e *events, provider string, answered bool) llm.Failure {
	statusError := span.Status().Code() == ptrace.StatusCodeError || s.dialectError()
	finish := cmp.Or(s.texts[sFinish], e.finish)
	if !statusError && s.texts[sErrorType] == "" && s.texts[sErrorCode] == "" && s.counts[nHTTPStatus] < 400 &&
		e.exceptionType == "" && !notable(finish) {
		return llm.Failure{} // the ordinary case, without asking
	}
	sig := failure.Signals{
		StatusError:      statusError,
		ErrorType:        s.texts[sErrorType],
		HTTPStatus:       int(s.counts[nHTTPStatus]),
		ExceptionType:    e.exceptionType,
		ExceptionMessage: cmp.Or(e.exceptionMessage, s.texts[sLevelText]),
		StatusMessage:    span.Status().Message(),
		FinishReason:     finish,
		Provider:         provider,
		HasOutput:        answered,
	}
	sig.VendorCodes[0] = s.texts[sErrorCode]
	return failure.Classify(&sig)
}

// hiddenAttempts is the number of attempts inside this one span: at least 1
// once anything was said, 0 unknown.
func (s *scan) hiddenAttempts(e *events, statusMessage string) int {
	n := 0
	if s.has(nRetries) {
		n = int(min(s.counts[nRetries], 1<<20)) + 1
	}
	if s.has(nFallbacks) {
		n = max(n, 1) + int(min(s.counts[nFallbacks], 1<<20))
	}
	if s.has(nAttempts) {
		n = max(n, int(min(s.counts[nAttempts], 1<<20)))
	}
	if e.retries > 0 {
		n = max(n, e.retries+1)
	}
	n = max(n, attemptsInText(e.exceptionMessage), attemptsInText(statusMessage))
	return n
}

// attemptsInText finds the totals that two libraries print: "Failed after 3
// attempts" and "(2 sub-exceptions)".
func attemptsInText(s string) int {
	if s == "" {
		return 0
	}
	const longest = 2048
	s = s[:min(len(s), longest)]
	if i := strings.Index(s, "ailed after "); i >= 0 {
		if n, rest, ok := leadingInt(s[i+len("ailed after "):]); ok && strings.HasPrefix(rest, " attempt") {
			return n
		}
	}
	i := strings.Index(s, " sub-exception")
	if i < 0 {
		return 0
	}
	j := i
	for j > 0 && s[j-1] >= '0' && s[j-1] <= '9' {
		j--
	}
	if n, _, ok := leadingInt(s[j:i]); ok && j > 0 && s[j-1] == '(' {
		return n
	}
	return 0
}
