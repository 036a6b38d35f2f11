package failure

import "github.com/spanledger/spanledger/internal/llm"

// rank says how much a signal is worth against another.
type rank uint8

const (
	rankVague rank = 1 + iota // a catch-all class: anything that says more wins
	rankClass                 // a class name or status with one meaning
	rankCode                  // a code for exactly this cause; nothing overrides it
)

type entry struct {
	class llm.ErrorClass
	rank  rank
}

// tokens maps the stem of a code or class name (lower case, no separators, no
// trailing "error" or "exception") to its meaning.
var tokens = buildTokens()

func buildTokens() map[string]entry {
	m := make(map[string]entry, 256)
	put := func(c llm.ErrorClass, r rank, stems ...string) {
		for _, s := range stems {
			m[s] = entry{c, r}
		}
	}
	put(llm.ErrQuotaExhausted, rankCode,
		"insufficientquota", "billing", "billinghardlimitreached", "billingnotactive", "enforcedspendlimitreached",
		"quotaexceeded", "exceededcurrentquota", "budgetexceeded", "servicequotaexceeded", "paymentrequired",
		"insufficientcredits", "insufficientbalance", "insufficientfunds", "creditbalancetoolow")
	put(llm.ErrContextLength, rankCode,
		"contextlengthexceeded", "contextwindowexceeded", "contextlength", "contextoverflow", "requesttoolarge",
		"prompttoolong", "inputtoolong", "stringabovemaxlength", "maxcontextlengthexceeded")
	put(llm.ErrContentFilter, rankCode,
		"contentfilter", "contentfiltered", "contentfilterfinishreason", "contentpolicyviolation", "responsibleaipolicyviolation",
		"moderationblocked", "promptblocked", "contentblocked", "datainspectionfailed", "safety", "prohibitedcontent",
		"guardrailintervened", "contentfilterresult", "responseblocked")
	put(llm.ErrModelNotFound, rankCode,
		"modelnotfound", "deploymentnotfound", "modelnotavailable", "modeldecommissioned", "modeldeprecated",
		"nosuchmodel", "ainosuchmodel", "modelnotsupported", "unknownmodel", "invalidmodel", "modeldoesnotexist")
	put(llm.ErrModelNotFound, rankClass, "notfound", "resourcenotfound")
	put(llm.ErrOverloaded, rankCode,
		"overloaded", "serverisoverloaded", "serveroverloaded", "engineoverloaded", "modeloverloaded", "serviceoverloaded",
		"capacityexceeded", "modelnotready", "nohealthyupstream", "outofcapacity")
	put(llm.ErrOverloaded, rankClass, "serviceunavailable", "unavailable", "serverunavailable")
	put(llm.ErrRateLimited, rankClass,
		"ratelimit", "ratelimitexceeded", "ratelimited", "ratelimitreached", "slowdown", "throttling", "throttled", "throttl",
		"modelthrottled", "requestthrottled", "toomanyrequests", "resourceexhausted", "gatewayratelimit", "routerratelimit",
		"requestlimitexceeded", "tokenlimited", "requestlimited", "provisionedthroughputexceeded")
	put(llm.ErrTimeout, rankClass, "deadlineexceeded", "etimedout", "timedout", "esockettimedout", "contextdeadlineexceeded")
	put(llm.ErrConnection, rankClass,
		"apiconnection", "connection", "connect", "connectionreset", "connectionrefused", "connectionaborted", "connectionclosed",
		"brokenpipe", "remoteprotocol", "remotedisconnected", "read", "write", "network", "socket", "protocol", "ssl", "proxy",
		"econnreset", "econnrefused", "econnaborted", "enotfound", "eaiagain", "epipe", "ehostunreach", "enetunreach",
		"clientconnector", "clientconnection", "serverdisconnected", "clientos", "clientpayload", "incompleteread",
		"chunkedencoding", "endpointconnection", "connectionclosederror", "fetch", "undersocket", "unknownhost", "eof",
		"unexpectedeof", "sslhandshake", "unknownhostname", "gaierror", "httpclosed")
	put(llm.ErrServer, rankClass,
		"internal", "internalfailure", "badgateway", "modelerror", "modelstreamerror", "internalserverexception",
		"dataloss", "upstreamerror", "providererror")
	put(llm.ErrServer, rankVague, "server", "internalserver", "transientai")
	put(llm.ErrAuth, rankCode, "invalidapikey", "incorrectapikey", "loadapikey", "ailoadapikey", "missingapikey", "apikeynotvalid", "apikeyinvalid")
	put(llm.ErrAuth, rankClass,
		"authentication", "auth", "permissiondenied", "permission", "accessdenied", "unauthorized", "unauthenticated",
		"forbidden", "expiredtoken", "tokenexpired", "unrecognizedclient", "invalidsignature", "signaturedoesnotmatch",
		"invalidauthentication", "missingauthentication", "nocredentials", "partialcredentials", "credentialretrieval",
		"credentialsprovider", "defaultcredentials", "unsupportedcountryregionterritory", "organizationrestricted",
		"accountdeactivated", "missingauthenticationtoken", "invalidclienttokenid")
	put(llm.ErrBadRequest, rankVague,
		"badrequest", "invalidrequest", "validation", "invalidargument", "httpvalidation", "requestvalidation",
		"unprocessableentity", "unprocessable", "unsupportedparams", "unsupportedparameter", "unsupportedvalue",
		"invalidparameter", "invalidvalue", "invalidtype", "invalidprompt", "aiinvalidprompt", "missingrequiredparameter",
		"jsonschemavalidation", "failedprecondition", "outofrange", "unsupportedfunctionality", "aiunsupportedfunctionality",
		"conflictingparameters", "invalidimage", "imagefetch", "invalidinput", "nontransientai", "methodnotallowed")
	put(llm.ErrPolicyBlocked, rankCode,
		"policyblocked", "guardrailraised", "guardrailviolation", "guardrailsviolation", "blockedpiientity", "rejectedrequest",
		"hooksfailed", "virtualkeyblocked", "modelblocked", "providerblocked", "keyblocked", "blockedbypolicy", "teammodelaccessdenied")
	put(llm.ErrCancelled, rankCode,
		"cancelled", "canceled", "cancellation", "taskcanceled", "taskcancelled", "operationcanceled", "operationcancelled",
		"contextcanceled", "abort", "apiuserabort", "useraborted", "requestaborted", "responseaborted", "clientdisconnect",
		"clientdisconnected", "clientclosedrequest", "generatorexit", "keyboardinterrupt", "usercancelled", "usercanceled", "interrupted")
	return m
}

// lookup finds the meaning of a code or class name; a zero rank is none.
func lookup(t string) entry {
	t = bareName(t)
	switch t {
	case "api_error": // Anthropic's code for a 500, not the SDKs' base class APIError
		return entry{llm.ErrServer, rankClass}
	case "":
		return entry{}
	}
	s := stemOf(t)
	if e, ok := tokens[string(s.bytes())]; ok {
		return e
	}
	s.trimSuffixes()
	b := s.bytes()
	if e, ok := tokens[string(b)]; ok {
		return e
	}
	switch {
	case hasSuffix(b, "timeout"):
		return entry{llm.ErrTimeout, rankClass}
	case hasPrefix(b, "blocked"): // google-genai: BLOCKED_<reason>
		return entry{llm.ErrContentFilter, rankCode}
	}
	return entry{}
}

// bareName strips what frameworks wrap around a class name: the module path,
// Python's <class '...'>, pointer stars and generic arguments.
func bareName(t string) string {
	if n := len("<class '"); len(t) > n && t[:n] == "<class '" {
		t = t[n:]
		for i := 0; i < len(t); i++ {
			if t[i] == '\'' {
				t = t[:i]
				break
			}
		}
	}
	for i := len(t) - 1; i >= 0; i-- {
		switch t[i] {
		case '.', ':', '$', '*', '/', '+':
			if i+1 < len(t) {
				return t[i+1:]
			}
		case ' ':
			return t // prose, not a path
		}
	}
	return t
}

// isToken reports whether t may be kept as a low-cardinality token.
func isToken(t string) bool {
	if t == "" || len(t) > 64 {
		return false
	}
	for i := 0; i < len(t); i++ {
		c := t[i]
		if c <= ' ' || c >= 0x7f || c == '"' || c == '\'' || c == '{' || c == '<' {
			return false
		}
	}
	return true
}

// statusNumber reads a bare three-digit status, 0 if t is anything else.
func statusNumber(t string) int {
	if len(t) != 3 {
		return 0
	}
	n := 0
	for i := range 3 {
		if t[i] < '0' || t[i] > '9' {
			return 0
		}
		n = n*10 + int(t[i]-'0')
	}
	if n < 400 || n > 599 {
		return 0
	}
	return n
}
