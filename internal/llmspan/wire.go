package llmspan

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/spanledger/spanledger/internal/llm"
)

// wire collects what a span says of an HTTP exchange, in the names of the
// conventions before and after they became stable. Newer names win.
type wire struct {
	method, host, path string
	oldHost, oldPath   string
	url                string
	errorType          string
	status, resend     int
	http               bool
}

func (w *wire) take(k string, v pcommon.Value) {
	switch k {
	case "http.request.method", "http.method":
		w.method, w.http = text(v), true
	case "server.address":
		w.host = text(v)
	case "net.peer.name", "http.host":
		w.oldHost = text(v)
	case "url.full", "http.url":
		w.url, w.http = text(v), true
	case "url.path":
		w.path = text(v)
	case "http.target":
		w.oldPath = text(v)
	case "http.response.status_code", "http.status_code":
		if n, ok := countOf(v); ok && n < 1000 {
			w.status, w.http = int(n), true
		}
	case "http.request.resend_count", "http.resend_count", "http.retry_count", "http.request.header.x-stainless-retry-count":
		if n, ok := headerCount(v); ok && n < 1<<20 {
			w.resend = max(w.resend, int(n))
		}
	case "http.response.header.x-portkey-retry-attempt-count", "http.response.header.x-litellm-attempted-retries":
		if n, ok := headerCount(v); ok && n < 1<<20 { // of the gateway that was called
			w.resend = max(w.resend, int(n))
		}
	case "http.response.header.x-envoy-attempt-count": // counted from 1
		if n, ok := headerCount(v); ok && n > 0 && n < 1<<20 {
			w.resend = max(w.resend, int(n)-1)
		}
	case "try_count": // Kong counts tries from 1
		if n, ok := countOf(v); ok && n > 0 && n < 1<<20 {
			w.resend, w.http = max(w.resend, int(n)-1), true
		}
	case "error.type":
		w.errorType = text(v)
	}
}

func text(v pcommon.Value) string {
	if v.Type() == pcommon.ValueTypeStr {
		return v.Str()
	}
	return ""
}

// settle fills h for client and server spans that spoke HTTP.
func (w *wire) settle(span ptrace.Span, h *llm.HTTP) {
	if !w.http {
		return
	}
	host, path := splitURL(w.url)
	h.Host = bareHost(firstText(w.host, host, w.oldHost))
	h.Path = pathOnly(firstText(w.path, path, w.oldPath))
	h.Method, h.StatusCode, h.Resend = w.method, w.status, w.resend
	if h.Method == "" && strings.HasPrefix(span.Name(), "kong.") {
		h.Method = "POST"
	}
	h.ConnectionError = w.status == 0 && (span.Status().Code() == ptrace.StatusCodeError || w.errorType != "")
}

func firstText(a, b, c string) string {
	switch {
	case a != "":
		return a
	case b != "":
		return b
	}
	return c
}

// splitURL cuts host and path out of an absolute URL, without allocating and
// without judging it; userinfo, query and fragment are left out.
func splitURL(u string) (host, path string) {
	_, rest, ok := strings.Cut(u, "://")
	if !ok {
		return "", ""
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host = rest[:end]
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	return host, rest[end:]
}

// pathOnly cuts query and fragment.
func pathOnly(p string) string {
	if i := strings.IndexAny(p, "?#"); i >= 0 {
		p = p[:i]
	}
	return p
}

// bareHost cuts the port; an IPv6 address keeps no brackets.
func bareHost(h string) string {
	if strings.HasPrefix(h, "[") {
		if i := strings.IndexByte(h, ']'); i > 0 {
			return h[1:i]
		}
	}
	if i := strings.IndexByte(h, ':'); i >= 0 && strings.IndexByte(h[i+1:], ':') < 0 {
		return h[:i]
	}
	return h
}
