package llm

// ErrorClass is why a call failed, in the words of an operator.
type ErrorClass uint8

// The classes. What each means for retries, SLOs and the bill is said by the
// methods below; the signals that lead to each are the classifier's.
const (
	ErrNone ErrorClass = iota
	ErrRateLimited
	ErrOverloaded
	ErrTimeout
	ErrConnection
	ErrServer
	ErrQuotaExhausted
	ErrContextLength
	ErrContentFilter
	ErrAuth
	ErrBadRequest
	ErrModelNotFound
	ErrPolicyBlocked
	ErrCancelled
	ErrUnknown
	NumErrorClasses
)

var errorNames = [NumErrorClasses]string{
	"", "rate_limited", "overloaded", "timeout", "connection", "server_error", "quota_exhausted",
	"context_length", "content_filter", "auth", "bad_request", "model_not_found", "policy_blocked",
	"cancelled", "unknown",
}

func (c ErrorClass) String() string { return nameOf(errorNames[:], int(c)) }

// ParseErrorClass is the inverse of String; an unknown word is not ok.
func ParseErrorClass(s string) (ErrorClass, bool) {
	for i, n := range errorNames {
		if n == s {
			return ErrorClass(i), true
		}
	}
	return ErrUnknown, false
}

// Retryable reports whether the same request may succeed if tried again.
func (c ErrorClass) Retryable() bool {
	switch c {
	case ErrRateLimited, ErrOverloaded, ErrTimeout, ErrConnection, ErrServer:
		return true
	}
	return false
}

// NeverBilled reports whether providers do not charge for failures of this
// class even where an SDK estimated tokens. Content filtering counts only on
// the input side, which a missing answer shows; the caller decides that.
func (c ErrorClass) NeverBilled() bool {
	switch c {
	case ErrRateLimited, ErrOverloaded, ErrAuth, ErrBadRequest, ErrModelNotFound, ErrQuotaExhausted, ErrContextLength, ErrContentFilter, ErrPolicyBlocked:
		return true
	}
	return false
}

// Failure is how a call ended badly; the zero value is success.
type Failure struct {
	Class ErrorClass
	// HTTPStatus is the status code that was seen, 0 none.
	HTTPStatus int
	// Type is error.type or the nearest thing to it, a token of low
	// cardinality; never a message.
	Type string
}
