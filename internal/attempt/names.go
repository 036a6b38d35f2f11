package attempt

import "strings"

// retryWords in the name of a span say that what is below are attempts.
var retryWords = [...]string{"retry", "fallback", "failover", "attempt", "router", "model_inference"}

// retryName reports whether a name holds one of the words, in any case. Every
// call is asked: the first letters are looked at before any word is.
func retryName(name string) bool {
	for i := range len(name) {
		switch name[i] | 0x20 {
		case 'r', 'f', 'a', 'm':
			for _, w := range retryWords {
				if foldPrefix(name[i:], w) {
					return true
				}
			}
		}
	}
	return false
}

// modelPaths are endings of the paths under which gateways and providers
// serve models.
var modelPaths = [...]string{
	"completions", "messages", "responses", "embeddings", "generatecontent", "converse", "converse-stream", "invoke",
	"invoke-with-response-stream", "predict", "rawpredict", "chat", "inference", "rerank", "generate", "embed",
}

// servesNoModel reports whether a server span's path is known and is not one
// under which models are served: then it is the application's own handler,
// whose success says nothing about the calls it made.
func servesNoModel(name, path string) bool {
	if path == "" {
		i := strings.IndexByte(name, '/')
		if i < 0 {
			return false
		}
		path = name[i:]
	}
	if i := strings.IndexByte(path, '?'); i >= 0 {
		path = path[:i]
	}
	path = strings.TrimRight(path, "/*")
	if path == "" {
		return false // a catch-all route
	}
	for _, p := range modelPaths {
		if foldContains(path, p) {
			return false
		}
	}
	return true
}

// foldContains reports whether s contains the lower-case ASCII word w, in any
// case, without allocating.
func foldContains(s, w string) bool {
	for i := 0; i+len(w) <= len(s); i++ {
		if foldPrefix(s[i:], w) {
			return true
		}
	}
	return false
}

// foldPrefix reports whether s begins with the lower-case ASCII word w, in any
// case.
func foldPrefix(s, w string) bool {
	if len(s) < len(w) || s[0]|0x20 != w[0] {
		return false
	}
	for i := 1; i < len(w); i++ {
		if lower(s[i]) != w[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
