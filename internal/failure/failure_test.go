package failure

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spanledger/spanledger/internal/llm"
)

// Every row is one way in which a provider, SDK or gateway says that a call
// failed (or did not).
var rows = []struct {
	name string
	s    Signals
	want llm.ErrorClass
}{
	// OpenAI
	{"openai 429 by class and code", Signals{StatusError: true, ErrorType: "RateLimitError", StatusMessage: "Error code: 429 - {'error': {'message': 'Rate limit reached for gpt-4o', 'type': 'tokens', 'code': 'rate_limit_exceeded'}}"}, llm.ErrRateLimited},
	{"openai slow_down", Signals{StatusError: true, ErrorType: "slow_down", HTTPStatus: 503}, llm.ErrRateLimited},
	{"openai quota hides behind the rate limit class", Signals{StatusError: true, ErrorType: "RateLimitError", HTTPStatus: 429, ExceptionMessage: "Error code: 429 - {'error': {'message': 'You exceeded your current quota, please check your plan and billing details.', 'type': 'insufficient_quota', 'code': 'insufficient_quota'}}"}, llm.ErrQuotaExhausted},
	{"openai quota code alone", Signals{StatusError: true, ErrorType: "insufficient_quota", HTTPStatus: 429}, llm.ErrQuotaExhausted},
	{"openai quota phrase through a generic class", Signals{StatusError: true, ExceptionType: "AI_APICallError", ExceptionMessage: "You exceeded your current quota, please check your plan and billing details.", Provider: "openai.chat"}, llm.ErrQuotaExhausted},
	{"openai 503", Signals{StatusError: true, ErrorType: "server_is_overloaded", HTTPStatus: 503}, llm.ErrOverloaded},
	{"openai SDK class for every 5xx", Signals{StatusError: true, ErrorType: "openai.InternalServerError", HTTPStatus: 503}, llm.ErrOverloaded},
	{"openai 500", Signals{StatusError: true, ErrorType: "openai.InternalServerError", HTTPStatus: 500}, llm.ErrServer},
	{"openai timeout", Signals{StatusError: true, ErrorType: "APITimeoutError"}, llm.ErrTimeout},
	{"openai js timeout", Signals{StatusError: true, ErrorType: "APIConnectionTimeoutError"}, llm.ErrTimeout},
	{"openai connection", Signals{StatusError: true, ErrorType: "APIConnectionError"}, llm.ErrConnection},
	{"openai context", Signals{StatusError: true, ErrorType: "BadRequestError", StatusMessage: "Error code: 400 - {'error': {'code': 'context_length_exceeded'}}"}, llm.ErrContextLength},
	{"openai bad key has a vague type", Signals{StatusError: true, ErrorType: "AuthenticationError", StatusMessage: "Error code: 401 - {'error': {'type': 'invalid_request_error', 'code': 'invalid_api_key'}}"}, llm.ErrAuth},
	{"openai vague type against status", Signals{StatusError: true, ErrorType: "invalid_request_error", HTTPStatus: 401}, llm.ErrAuth},
	{"openai unknown model", Signals{StatusError: true, ErrorType: "NotFoundError", HTTPStatus: 404}, llm.ErrModelNotFound},
	{"openai 404 by code", Signals{StatusError: true, ErrorType: "model_not_found"}, llm.ErrModelNotFound},
	{"openai finish reason exception", Signals{StatusError: true, ErrorType: "ContentFilterFinishReasonError"}, llm.ErrContentFilter},
	{"openai js message", Signals{StatusError: true, ExceptionMessage: "429 Rate limit reached for gpt-4o"}, llm.ErrRateLimited},
	{"openai user abort", Signals{StatusError: true, ErrorType: "APIUserAbortError"}, llm.ErrCancelled},
	{"openai conflict is worth another try", Signals{StatusError: true, ErrorType: "409"}, llm.ErrServer},
	// Anthropic
	{"anthropic 429", Signals{StatusError: true, ErrorType: "rate_limit_error", HTTPStatus: 429}, llm.ErrRateLimited},
	{"anthropic 529", Signals{StatusError: true, ErrorType: "overloaded_error", HTTPStatus: 529}, llm.ErrOverloaded},
	{"anthropic 529 nested type", Signals{StatusError: true, ErrorType: "APIStatusError", ExceptionMessage: "Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Overloaded'}}"}, llm.ErrOverloaded},
	{"anthropic OverloadedError", Signals{StatusError: true, ErrorType: "anthropic.OverloadedError"}, llm.ErrOverloaded},
	{"anthropic 504", Signals{StatusError: true, ErrorType: "DeadlineExceededError", HTTPStatus: 504}, llm.ErrTimeout},
	{"anthropic api_error", Signals{StatusError: true, ErrorType: "api_error"}, llm.ErrServer},
	{"anthropic billing", Signals{StatusError: true, ErrorType: "billing_error", HTTPStatus: 402}, llm.ErrQuotaExhausted},
	{"anthropic spend limit", Signals{StatusError: true, ErrorType: "RateLimitError", HTTPStatus: 429, ExceptionMessage: `{"error":{"type":"enforced_spend_limit_reached"}}`}, llm.ErrQuotaExhausted},
	{"anthropic credit", Signals{StatusError: true, ErrorType: "invalid_request_error", HTTPStatus: 400, StatusMessage: "Your credit balance is too low to access the Anthropic API."}, llm.ErrQuotaExhausted},
	{"anthropic prompt too long", Signals{StatusError: true, ErrorType: "invalid_request_error", HTTPStatus: 400, StatusMessage: "prompt is too long: 210000 tokens > 200000 maximum"}, llm.ErrContextLength},
	{"anthropic 413", Signals{StatusError: true, ErrorType: "request_too_large", HTTPStatus: 413}, llm.ErrContextLength},
	{"anthropic permission", Signals{StatusError: true, ErrorType: "permission_error", HTTPStatus: 403}, llm.ErrAuth},
	{"anthropic not found", Signals{StatusError: true, ErrorType: "not_found_error", HTTPStatus: 404}, llm.ErrModelNotFound},
	{"anthropic cancelled leaves the status unset", Signals{ExceptionType: "CancelledError"}, llm.ErrCancelled},
	{"anthropic cut stream", Signals{StatusError: true, ErrorType: "client_error", HTTPStatus: 200}, llm.ErrConnection},
	// Azure
	{"azure 429", Signals{StatusError: true, ErrorType: "RateLimitError", HTTPStatus: 429, Provider: "azure.ai.openai", StatusMessage: "Requests have exceeded call rate limit of your current tier"}, llm.ErrRateLimited},
	{"azure high demand is overload", Signals{StatusError: true, ErrorType: "RateLimitError", HTTPStatus: 429, Provider: "azure.ai.openai", StatusMessage: "The system is experiencing high demand"}, llm.ErrOverloaded},
	{"azure content filter 400", Signals{StatusError: true, ErrorType: "BadRequestError", HTTPStatus: 400, StatusMessage: "{'error': {'code': 'content_filter', 'status': 400}}"}, llm.ErrContentFilter},
	{"azure content filter by phrase", Signals{StatusError: true, HTTPStatus: 400, StatusMessage: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy"}, llm.ErrContentFilter},
	{"azure content filter 200", Signals{FinishReason: "content_filter", HTTPStatus: 200, HasOutput: true}, llm.ErrContentFilter},
	{"azure .net full name", Signals{StatusError: true, ErrorType: "Azure.RequestFailedException", ExceptionMessage: "Service request failed.\nStatus: 429 (Too Many Requests)"}, llm.ErrRateLimited},
	{"azure no deployment", Signals{StatusError: true, ErrorType: "DeploymentNotFound", HTTPStatus: 404}, llm.ErrModelNotFound},
	// Bedrock
	{"bedrock throttling behind ClientError", Signals{StatusError: true, ErrorType: "ClientError", ExceptionMessage: "An error occurred (ThrottlingException) when calling the InvokeModel operation: Too many tokens, please wait before trying again."}, llm.ErrRateLimited},
	{"bedrock ClientError without message", Signals{StatusError: true, ErrorType: "ClientError"}, llm.ErrUnknown},
	{"bedrock through strands", Signals{StatusError: true, ExceptionType: "strands.types.exceptions.ModelThrottledException", ExceptionMessage: "ThrottlingException | ConverseStream"}, llm.ErrRateLimited},
	{"bedrock unavailable", Signals{StatusError: true, ErrorType: "ServiceUnavailableException", HTTPStatus: 503}, llm.ErrOverloaded},
	{"bedrock not ready is a 429", Signals{StatusError: true, ErrorType: "ModelNotReadyException", HTTPStatus: 429}, llm.ErrOverloaded},
	{"bedrock not ready by message", Signals{StatusError: true, ErrorType: "ClientError", HTTPStatus: 429, ExceptionMessage: "An error occurred (ModelNotReadyException) when calling the Converse operation"}, llm.ErrOverloaded},
	{"bedrock timeout", Signals{StatusError: true, ErrorType: "ModelTimeoutException", HTTPStatus: 408}, llm.ErrTimeout},
	{"bedrock model error", Signals{StatusError: true, ErrorType: "ModelErrorException", HTTPStatus: 424}, llm.ErrServer},
	{"bedrock stream error", Signals{StatusError: true, ErrorType: "ModelStreamErrorException"}, llm.ErrServer},
	{"bedrock internal", Signals{StatusError: true, ErrorType: "InternalServerException"}, llm.ErrServer},
	{"bedrock service quota", Signals{StatusError: true, ErrorType: "ServiceQuotaExceededException", HTTPStatus: 400}, llm.ErrQuotaExhausted},
	{"bedrock too long", Signals{StatusError: true, ErrorType: "ValidationException", ExceptionMessage: "An error occurred (ValidationException) when calling the Converse operation: Input is too long for requested model."}, llm.ErrContextLength},
	{"bedrock validation", Signals{StatusError: true, ErrorType: "ValidationException", HTTPStatus: 400}, llm.ErrBadRequest},
	{"bedrock denied", Signals{StatusError: true, ErrorType: "AccessDeniedException"}, llm.ErrAuth},
	// Google
	{"gemini 429", Signals{StatusError: true, ErrorType: "ClientError", ExceptionMessage: "429 RESOURCE_EXHAUSTED. {'error': {'code': 429}}"}, llm.ErrRateLimited},
	{"gemini per-minute quota uses the quota phrase", Signals{StatusError: true, ExceptionType: "AI_APICallError", Provider: "google.generative-ai", ExceptionMessage: "You exceeded your current quota, please check your plan and billing details."}, llm.ErrRateLimited},
	{"gemini retry info", Signals{StatusError: true, HTTPStatus: 429, ExceptionMessage: `You exceeded your current quota. {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}`}, llm.ErrRateLimited},
	{"gemini daily quota", Signals{StatusError: true, HTTPStatus: 429, Provider: "gcp.gemini", ExceptionMessage: `{"quotaId":"GenerateRequestsPerDayPerProjectPerModel"}`}, llm.ErrQuotaExhausted},
	{"gemini quota_exceeded", Signals{StatusError: true, ErrorType: "quota_exceeded", Provider: "gcp.gemini"}, llm.ErrQuotaExhausted},
	{"gemini 503", Signals{StatusError: true, ErrorType: "ServerError", ExceptionMessage: "503 UNAVAILABLE. {'error': {'message': 'The model is overloaded.'}}"}, llm.ErrOverloaded},
	{"gemini 504", Signals{StatusError: true, ErrorType: "ServerError", ExceptionMessage: "504 DEADLINE_EXCEEDED. {}"}, llm.ErrTimeout},
	{"gemini 499", Signals{StatusError: true, ErrorType: "499"}, llm.ErrCancelled},
	{"gemini server error", Signals{StatusError: true, ErrorType: "google.genai.errors.ServerError"}, llm.ErrServer},
	{"gemini blocked", Signals{StatusError: true, ErrorType: "BLOCKED_SAFETY"}, llm.ErrContentFilter},
	{"gemini safety finish", Signals{FinishReason: "SAFETY"}, llm.ErrContentFilter},
	{"gemini prohibited finish", Signals{FinishReason: "PROHIBITED_CONTENT"}, llm.ErrContentFilter},
	{"gemini bad key is a 400", Signals{StatusError: true, ErrorType: "ClientError", ExceptionMessage: "400 INVALID_ARGUMENT. {'error': {'status': 'INVALID_ARGUMENT', 'details': [{'reason': 'API_KEY_INVALID'}]}}"}, llm.ErrAuth},
	// Groq, Mistral, Cohere
	{"groq 498", Signals{StatusError: true, ErrorType: "498"}, llm.ErrOverloaded},
	{"groq capacity", Signals{StatusError: true, ErrorType: "APIStatusError", StatusMessage: "Error code: 498 - {'error': {'type': 'capacity_exceeded'}}"}, llm.ErrOverloaded},
	{"groq 413", Signals{StatusError: true, HTTPStatus: 413, Provider: "groq"}, llm.ErrContextLength},
	{"cohere too many requests", Signals{StatusError: true, ErrorType: "TooManyRequestsError"}, llm.ErrRateLimited},
	{"cohere too many tokens", Signals{StatusError: true, ErrorType: "BadRequestError", HTTPStatus: 400, StatusMessage: "too many tokens: size limit exceeded"}, llm.ErrContextLength},
	{"cohere toxic finish", Signals{FinishReason: "ERROR_TOXIC"}, llm.ErrContentFilter},
	{"mistral 402", Signals{StatusError: true, ErrorType: "SDKError", ExceptionMessage: "API error occurred: Status 402"}, llm.ErrQuotaExhausted},
	{"mistral validation", Signals{StatusError: true, ErrorType: "HTTPValidationError", HTTPStatus: 422}, llm.ErrBadRequest},
	// OpenRouter
	{"openrouter 200 with an error body", Signals{FinishReason: "error", Provider: "openrouter", HasOutput: true}, llm.ErrServer},
	{"openrouter moderation", Signals{StatusError: true, ErrorType: "PermissionDeniedError", HTTPStatus: 403, Provider: "openrouter"}, llm.ErrContentFilter},
	{"openrouter credits", Signals{StatusError: true, HTTPStatus: 402, Provider: "openrouter"}, llm.ErrQuotaExhausted},
	{"openrouter 502", Signals{StatusError: true, HTTPStatus: 502, Provider: "openrouter"}, llm.ErrServer},
	{"openrouter 503", Signals{StatusError: true, HTTPStatus: 503, Provider: "openrouter"}, llm.ErrOverloaded},
	{"openrouter 408", Signals{StatusError: true, HTTPStatus: 408, Provider: "openrouter"}, llm.ErrTimeout},
	// gateways and frameworks
	{"litellm by vendor code", Signals{StatusError: true, ErrorType: "RateLimitError", VendorCodes: [3]string{"429"}}, llm.ErrRateLimited},
	{"litellm context", Signals{StatusError: true, ErrorType: "litellm.exceptions.ContextWindowExceededError"}, llm.ErrContextLength},
	{"litellm policy", Signals{StatusError: true, ErrorType: "litellm.ContentPolicyViolationError"}, llm.ErrContentFilter},
	{"litellm timeout", Signals{StatusError: true, ErrorType: "litellm.Timeout", HTTPStatus: 408}, llm.ErrTimeout},
	{"litellm unavailable", Signals{StatusError: true, ErrorType: "litellm.ServiceUnavailableError"}, llm.ErrOverloaded},
	{"litellm budget", Signals{StatusError: true, ErrorType: "BudgetExceededError"}, llm.ErrQuotaExhausted},
	{"litellm guardrail", Signals{StatusError: true, ErrorType: "GuardrailRaisedException"}, llm.ErrPolicyBlocked},
	{"portkey hooks", Signals{StatusError: true, ErrorType: "446"}, llm.ErrPolicyBlocked},
	{"portkey timeout", Signals{StatusError: true, ErrorType: "timeout_error", HTTPStatus: 408}, llm.ErrTimeout},
	{"gateway rate limit", Signals{StatusError: true, ErrorType: "GatewayRateLimitError"}, llm.ErrRateLimited},
	{"bifrost code alone", Signals{VendorCodes: [3]string{"", "500"}}, llm.ErrServer},
	{"agentgateway SERVER span stays unset", Signals{HTTPStatus: 429}, llm.ErrRateLimited},
	{"envoy gateway status as error.type", Signals{StatusError: true, ErrorType: "503"}, llm.ErrOverloaded},
	{"semantic kernel wraps the class", Signals{StatusError: true, ErrorType: "<class 'openai.RateLimitError'>"}, llm.ErrRateLimited},
	{"vercel generic class", Signals{StatusError: true, ExceptionType: "AI_APICallError", ExceptionMessage: "Rate limit reached for gpt-4o"}, llm.ErrRateLimited},
	{"vercel retry error", Signals{StatusError: true, ExceptionType: "AI_RetryError", ExceptionMessage: "Failed after 3 attempts. Last error: Overloaded"}, llm.ErrOverloaded},
	{"pydantic all failed", Signals{StatusError: true, ExceptionType: "pydantic_ai.exceptions.FallbackExceptionGroup", ExceptionMessage: "All models from FallbackModel failed (2 sub-exceptions)"}, llm.ErrUnknown},
	{"spring non transient", Signals{StatusError: true, ExceptionType: "org.springframework.ai.retry.NonTransientAiException", ExceptionMessage: "HTTP 429 - {\"error\":{}}"}, llm.ErrRateLimited},
	{"java nested class", Signals{StatusError: true, ErrorType: "com.example.Errors$RateLimitException"}, llm.ErrRateLimited},
	{"java socket timeout", Signals{StatusError: true, ErrorType: "java.net.SocketTimeoutException"}, llm.ErrTimeout},
	{".net cancel", Signals{StatusError: true, ErrorType: "System.Threading.Tasks.TaskCanceledException"}, llm.ErrCancelled},
	{".net time limit poses as cancel", Signals{StatusError: true, ErrorType: "System.Threading.Tasks.TaskCanceledException", ExceptionMessage: "The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing."}, llm.ErrTimeout},
	{"go deadline", Signals{StatusError: true, ErrorType: "*context.deadlineExceededError"}, llm.ErrTimeout},
	{"python TimeoutError", Signals{StatusError: true, ExceptionType: "TimeoutError", ExceptionMessage: "timed out"}, llm.ErrTimeout},
	{"asyncio cancel", Signals{StatusError: true, ErrorType: "CancelledError", StatusMessage: "cancelled"}, llm.ErrCancelled},
	{"httpx read", Signals{StatusError: true, ErrorType: "httpx.ReadError"}, llm.ErrConnection},
	{"node reset", Signals{StatusError: true, ErrorType: "ECONNRESET"}, llm.ErrConnection},
	{"undici header timeout", Signals{StatusError: true, ErrorType: "UND_ERR_HEADERS_TIMEOUT"}, llm.ErrTimeout},
	{"the word other", Signals{StatusError: true, ErrorType: "_OTHER"}, llm.ErrUnknown},
	{"status alone", Signals{StatusError: true}, llm.ErrUnknown},
	{"a failed span whose answer had begun", Signals{StatusError: true, HTTPStatus: 200, HasOutput: true}, llm.ErrUnknown},
	// successes
	{"success", Signals{HTTPStatus: 200, FinishReason: "stop", HasOutput: true}, llm.ErrNone},
	{"nothing said", Signals{}, llm.ErrNone},
	{"cut at the length asked for", Signals{FinishReason: "length"}, llm.ErrNone},
	{"handled exception inside a success", Signals{ExceptionType: "ValueError", ExceptionMessage: "x"}, llm.ErrNone},
	{"exception of a cancelled sub-task after an answer", Signals{ExceptionType: "CancelledError", FinishReason: "stop"}, llm.ErrNone},
	{"code zero", Signals{VendorCodes: [3]string{"0"}}, llm.ErrNone},
}

func TestClassify(t *testing.T) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if got := Classify(&r.s); got.Class != r.want {
				t.Errorf("class %s, want %s", got.Class, r.want)
			}
		})
	}
}

func TestFailureKeepsTokensOnly(t *testing.T) {
	got := Classify(&Signals{StatusError: true, ErrorType: "my secret prompt was refused", ExceptionType: "openai.BadRequestError", StatusMessage: "Error code: 400 - secret"})
	want := llm.Failure{Class: llm.ErrBadRequest, HTTPStatus: 400, Type: "BadRequestError"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSuccessAllocatesNothing(t *testing.T) {
	s := Signals{HTTPStatus: 200, FinishReason: "stop", HasOutput: true, Provider: "openai"}
	if n := testing.AllocsPerRun(100, func() { Classify(&s) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzClassify(f *testing.F) {
	for _, r := range rows {
		f.Add(r.s.StatusError, r.s.ErrorType, r.s.VendorCodes[0], r.s.HTTPStatus, r.s.ExceptionType, r.s.ExceptionMessage, r.s.StatusMessage, r.s.FinishReason, r.s.Provider, r.s.HasOutput)
	}
	f.Fuzz(func(t *testing.T, status bool, et, code string, http int, xt, xm, sm, finish, provider string, out bool) {
		s := Signals{status, et, [3]string{code}, http, xt, xm, sm, finish, provider, out}
		got := Classify(&s)
		if status && got.Class == llm.ErrNone {
			t.Error("an error status was taken for a success")
		}
		if got.Class >= llm.NumErrorClasses {
			t.Errorf("class %d", got.Class)
		}
		if got.Class == llm.ErrNone && got != (llm.Failure{}) {
			t.Error("a success carries a failure's details")
		}
		if got.Type != "" && !isToken(got.Type) {
			t.Errorf("kept prose: %q", got.Type)
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	ok := Signals{HTTPStatus: 200, FinishReason: "stop", HasOutput: true}
	bad := rows[0].s
	b.Run("success", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Classify(&ok)
		}
	})
	b.Run("failure", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Classify(&bad)
		}
	})
}
