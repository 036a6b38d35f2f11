// Package failure says why a model call failed: it turns the signals that a
// span carries (error types, vendor codes, HTTP status, exception, message)
// into one [llm.ErrorClass] that an operator understands.
//
// Codes beat class names, class names beat the plain HTTP status where they
// say more, and messages only refine. The rules come from the error
// references of the providers and from the spans that real SDKs emit; the
// package's table test names them one by one. Nothing of a message is kept.
package failure

import "github.com/spanledger/spanledger/internal/llm"

// Signals is what a span says about its end. Strings may alias the span.
type Signals struct {
	// StatusError: the span's status is ERROR, or the dialect's own equivalent.
	StatusError bool
	// ErrorType is error.type as emitted, module path and all.
	ErrorType string
	// VendorCodes are error codes in attributes of a vendor's own, such as
	// litellm.provider.error.code and gen_ai.error.code; "" unused.
	VendorCodes [3]string
	// HTTPStatus is the status on the span itself (0 none). The status of a
	// child counts only where StatusError says that the call failed as a whole.
	HTTPStatus int
	// ExceptionType and ExceptionMessage come from the last exception event.
	ExceptionType    string
	ExceptionMessage string
	StatusMessage    string
	// FinishReason is the reason of the first choice that has a bad one, else
	// any.
	FinishReason string
	// Provider is who was asked, as emitted; a hint for codes that providers
	// use differently.
	Provider string
	// HasOutput: output tokens or messages prove an answer.
	HasOutput bool
}

// Classify returns the failure of a call, the zero value for a success. It
// allocates nothing for a success.
func Classify(s *Signals) llm.Failure {
	finish := finishClass(s.FinishReason)
	if !s.failed(finish) {
		return llm.Failure{}
	}
	v := verdict{http: s.HTTPStatus}
	v.token(s.ErrorType)
	for _, code := range s.VendorCodes {
		v.token(code)
	}
	v.message(s.ExceptionMessage)
	v.message(s.StatusMessage)
	v.token(s.ExceptionType)
	v.status(v.http, s.Provider)
	if finish != llm.ErrNone {
		v.offer(finish, finishRank(finish))
	}
	class := refine(v.class, v.http, s)
	return llm.Failure{Class: class, HTTPStatus: v.http, Type: s.typeToken()}
}

// failed reports whether the signals amount to a failure at all. A recorded
// exception alone does not (it may have been handled inside), except that SDKs
// leave the status unset when the application cancels.
func (s *Signals) failed(finish llm.ErrorClass) bool {
	switch {
	case s.StatusError, finish != llm.ErrNone, s.HTTPStatus >= 400:
		return true
	case s.ErrorType != "":
		return true
	case s.VendorCodes[0] != "" || s.VendorCodes[1] != "" || s.VendorCodes[2] != "":
		return !benign(s.VendorCodes[0]) || !benign(s.VendorCodes[1]) || !benign(s.VendorCodes[2])
	case s.ExceptionType != "" && s.FinishReason == "" && !s.HasOutput:
		return lookup(s.ExceptionType).class == llm.ErrCancelled
	}
	return false
}

// benign reports codes that some emitters write on success.
func benign(code string) bool { return code == "" || code == "0" || code == "200" || code == "OK" }

// typeToken is the nearest thing to error.type that is a token and no message.
func (s *Signals) typeToken() string {
	for _, t := range [...]string{s.ErrorType, s.VendorCodes[0], s.VendorCodes[1], s.VendorCodes[2], s.ExceptionType} {
		if t = bareName(t); isToken(t) {
			return t
		}
	}
	return ""
}

// verdict collects candidates: the highest rank wins, the earlier source
// among equals.
type verdict struct {
	class llm.ErrorClass
	rank  rank
	http  int
}

func (v *verdict) offer(c llm.ErrorClass, r rank) {
	if r > v.rank {
		v.class, v.rank = c, r
	}
}

// token offers one code or class name; a bare number is an HTTP status.
func (v *verdict) token(t string) {
	if t == "" {
		return
	}
	if n := statusNumber(t); n != 0 {
		if v.http == 0 {
			v.http = n
		}
		return
	}
	if e := lookup(t); e.rank != 0 {
		v.offer(e.class, e.rank)
	}
}

func (v *verdict) status(code int, provider string) {
	c := ByStatus(code, provider)
	switch {
	case c == llm.ErrNone:
	case code == 400 || code == 422 || code == 500:
		v.offer(c, rankVague)
	default:
		v.offer(c, rankClass)
	}
}

// ByStatus is the class that an HTTP status alone stands for: ErrNone below
// 400. provider is the provider or host as emitted; "" if not known.
func ByStatus(code int, provider string) llm.ErrorClass {
	switch code {
	case 401:
		return llm.ErrAuth
	case 402:
		return llm.ErrQuotaExhausted
	case 403:
		if containsFold(provider, "openrouter") { // moderation
			return llm.ErrContentFilter
		}
		return llm.ErrAuth
	case 404, 410:
		return llm.ErrModelNotFound
	case 408, 504, 522, 524:
		return llm.ErrTimeout
	case 409, 424, 425: // conflicts and failed dependencies pass by themselves
		return llm.ErrServer
	case 413:
		return llm.ErrContextLength
	case 429:
		return llm.ErrRateLimited
	case 446: // a gateway's own guardrail said no (Portkey)
		return llm.ErrPolicyBlocked
	case 498, 503, 529: // 498: Groq's flex capacity; 529: Anthropic
		return llm.ErrOverloaded
	case 499:
		return llm.ErrCancelled
	}
	switch {
	case code >= 500:
		return llm.ErrServer
	case code >= 400:
		return llm.ErrBadRequest
	}
	return llm.ErrNone
}

// finishClass is the failure that a finish reason stands for, also under HTTP
// 200; ErrNone for all ordinary reasons.
func finishClass(reason string) llm.ErrorClass {
	if reason == "" {
		return llm.ErrNone
	}
	switch normal := stemOf(reason); string(normal.bytes()) {
	case "stop", "length", "toolcalls", "endturn", "tooluse", "maxtokens": // the common case first
		return llm.ErrNone
	case "error", "unknownerror", "failed":
		return llm.ErrServer
	case "contentfilter", "contentfiltered", "safety", "prohibitedcontent", "blocklist", "spii", "recitation",
		"imagesafety", "imageprohibitedcontent", "imagerecitation", "guardrailintervened", "refusal", "errortoxic":
		return llm.ErrContentFilter
	case "errorlimit":
		return llm.ErrContextLength
	case "cancelled", "canceled", "aborted", "usercancel", "abort":
		return llm.ErrCancelled
	}
	return llm.ErrNone
}

// finishRank lets a plain "error" yield to whatever else is known.
func finishRank(c llm.ErrorClass) rank {
	if c == llm.ErrServer {
		return rankVague
	}
	return rankClass
}
