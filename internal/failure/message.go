package failure

import "github.com/spanledger/spanledger/internal/llm"

// maxMessage bounds how much of a message is looked at, in bytes: codes stand
// at the front, and what follows may echo the request.
const maxMessage = 4096

func clip(m string) string { return m[:min(len(m), maxMessage)] }

// message offers the codes that SDKs print into their messages:
//
//	Error code: 429 - {'error': {'type': 'tokens', 'code': 'rate_limit_exceeded'}}
//	An error occurred (ThrottlingException) when calling the Converse operation
//	429 RESOURCE_EXHAUSTED. {...}
//	HTTP 429 (requests: too_many_requests)
//	ThrottlingException | ConverseStream
func (v *verdict) message(m string) {
	if m == "" {
		return
	}
	m = clip(m)
	for _, lead := range [...]string{"error code: ", "status code: ", "status code ", "http ", "status: ", "status "} {
		if i := indexFold(m, lead); i >= 0 && v.http == 0 {
			v.http = statusNumber(word(m[i+len(lead):]))
		}
	}
	first := word(m)
	rest := m[len(first):]
	switch {
	case statusNumber(first) != 0 && len(rest) > 1:
		v.token(first)
		v.token(word(rest[1:]))
	case rest == "" || rest[0] == ':' || len(rest) > 1 && rest[:2] == " |":
		v.token(first)
	}
	if i := indexFold(m, "an error occurred ("); i >= 0 {
		v.token(word(m[i+len("an error occurred ("):]))
	}
	v.quotedCodes(m)
}

// quotedCodes offers the values of the keys code, type, status and reason of a
// printed Python dict or JSON object.
func (v *verdict) quotedCodes(m string) {
	for i := 0; i+6 < len(m); i++ {
		if m[i] != '\'' && m[i] != '"' {
			continue
		}
		key, rest := "", m[i+1:]
		for _, k := range [...]string{"code", "type", "status", "reason"} {
			if len(rest) > len(k) && rest[:len(k)] == k && rest[len(k)] == m[i] {
				key = k
				break
			}
		}
		if key == "" {
			continue
		}
		rest = rest[len(key)+1:]
		j := 0
		for j < len(rest) && (rest[j] == ':' || rest[j] == ' ' || rest[j] == '\'' || rest[j] == '"' || rest[j] == '\\') {
			j++
		}
		v.token(word(rest[j:]))
	}
}

// word is the leading run of identifier characters.
func word(m string) string {
	for i := 0; i < len(m); i++ {
		c := m[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '.' && c != '-' {
			m = m[:i]
			break
		}
	}
	for len(m) > 0 && (m[len(m)-1] == '.' || m[len(m)-1] == '-') {
		m = m[:len(m)-1]
	}
	return m
}

// said reports whether either message contains one of the phrases (lower case).
func (s *Signals) said(phrases ...string) bool {
	for _, p := range phrases {
		if containsFold(clip(s.ExceptionMessage), p) || containsFold(clip(s.StatusMessage), p) {
			return true
		}
	}
	return false
}

// refine corrects a class by what the message adds. A phrase is believed only
// where the class at hand could hide that cause: prose may echo the request.
func refine(c llm.ErrorClass, http int, s *Signals) llm.ErrorClass {
	switch c {
	case llm.ErrRateLimited:
		switch {
		case s.said("high demand", "overloaded"):
			return llm.ErrOverloaded
		case s.quotaGone():
			return llm.ErrQuotaExhausted
		}
	case llm.ErrBadRequest:
		switch {
		case s.saidTooLong() || s.said("too many tokens"):
			return llm.ErrContextLength
		case s.saidFiltered():
			return llm.ErrContentFilter
		case s.said("credit balance is too low"):
			return llm.ErrQuotaExhausted
		case s.saidNoModel():
			return llm.ErrModelNotFound
		case s.said("api key not valid", "invalid api key"):
			return llm.ErrAuth
		}
	case llm.ErrAuth:
		switch {
		case http == 403 && containsFold(s.Provider, "openrouter") && !s.said("key limit"):
			return llm.ErrContentFilter
		case http == 403 && s.said("moderation", "flagged"):
			return llm.ErrContentFilter
		case s.said("key limit exceeded"):
			return llm.ErrQuotaExhausted
		}
	case llm.ErrServer:
		if s.said("overloaded", "high demand") {
			return llm.ErrOverloaded
		}
	case llm.ErrCancelled: // .NET and fetch report their own time limits as cancellations
		if s.said("httpclient.timeout", "due to timeout", "timed out") {
			return llm.ErrTimeout
		}
	case llm.ErrNone, llm.ErrUnknown:
		return s.fromProse()
	}
	return c
}

// quotaGone tells an exhausted account from a rate limit that uses the same
// words: Gemini answers every 429 with "You exceeded your current quota", so
// for Google only the id of the quota decides.
func (s *Signals) quotaGone() bool {
	if s.said("quotaid", "retryinfo", "retrydelay", "resource_exhausted") || s.google() {
		return s.said("perday")
	}
	return s.said("exceeded your current quota", "insufficient_quota", "check your plan and billing")
}

func (s *Signals) google() bool {
	p := s.Provider
	return containsFold(p, "google") || containsFold(p, "gemini") || containsFold(p, "vertex") || containsFold(p, "gcp")
}

func (s *Signals) saidTooLong() bool {
	return s.said("prompt is too long", "context_length_exceeded", "maximum context length", "context length", "context window",
		"input is too long", "maximum number of tokens", "exceeds the token limit", "input length and `max_tokens` exceed")
}

func (s *Signals) saidFiltered() bool {
	return s.said("content_filter", "content management policy", "content policy", "safety system", "responsibleaipolicyviolation",
		"content filtering policy")
}

func (s *Signals) saidNoModel() bool {
	return s.said("model") && s.said("model not found", "does not exist", "is not found", "model identifier is invalid", "unknown model", "not a valid model")
}

// fromProse is the last resort, for classes that mean nothing by themselves.
func (s *Signals) fromProse() llm.ErrorClass {
	switch {
	case s.said("exceeded your current quota") && s.quotaGone():
		return llm.ErrQuotaExhausted
	case s.said("rate limit", "rate_limit", "ratelimit", "too many requests", "throttl", "exceeded your current quota", "please wait before trying again"):
		return llm.ErrRateLimited
	case s.said("overloaded", "high demand", "over capacity", "at capacity", "service unavailable"):
		return llm.ErrOverloaded
	case s.saidTooLong():
		return llm.ErrContextLength
	case s.saidFiltered():
		return llm.ErrContentFilter
	case s.said("timed out", "timeout", "deadline exceeded"):
		return llm.ErrTimeout
	case s.said("cancelled", "canceled", "was aborted", "aborted by", "user abort"):
		return llm.ErrCancelled
	case s.said("connection reset", "connection refused", "connection error", "connection closed", "connection aborted",
		"econnreset", "econnrefused", "fetch failed", "socket hang up", "network error", "other side closed", "premature close",
		"terminated", "peer closed", "incomplete chunked read"):
		return llm.ErrConnection
	case s.said("api key", "unauthorized", "permission denied", "access denied"):
		return llm.ErrAuth
	case s.saidNoModel():
		return llm.ErrModelNotFound
	case s.said("internal server error", "bad gateway"):
		return llm.ErrServer
	case s.cutStream():
		return llm.ErrConnection
	}
	return llm.ErrUnknown
}

// cutStream recognises an answer that began (2xx) and broke off in the client:
// the Anthropic SDK reports it as client_error without a message.
func (s *Signals) cutStream() bool {
	return s.HTTPStatus >= 200 && s.HTTPStatus < 300 && bareName(s.ErrorType) == "client_error"
}
