package rollupcomponent

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/rollup"
	"github.com/spanledger/spanledger/internal/scenario"
	"github.com/spanledger/spanledger/internal/stamp"
)

func ask(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

func pageOf(books Books) http.Handler {
	return NewPage(books, About{Sampling: "none", Scope: "whole", Version: "0.1.0"})
}

// The JSON is consumed by others: every change of it shows in these files.
func TestAPI(t *testing.T) {
	h := pageOf(fixture())
	for name, path := range map[string]string{
		"rollups":  "/api/v1/rollups",
		"receipts": "/api/v1/receipts?limit=2",
		"receipt":  "/api/v1/receipts/01020300000000000000000000000009/0400000000000001",
		"about":    "/api/v1/about",

		"inventory": "/api/v1/inventory?route=checkout",
		"changes":   "/api/v1/changes",
	} {
		t.Run(name, func(t *testing.T) {
			w := ask(t, h, path)
			require.Equal(t, http.StatusOK, w.Code)
			require.Equal(t, "application/json", w.Header().Get("Content-Type"))
			var v any
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v))
			pretty, err := json.MarshalIndent(v, "", " ")
			require.NoError(t, err)
			scenario.Golden(t, "testdata/api/"+name+".json", append(pretty, '\n'))
		})
	}
}

func TestReceiptQueries(t *testing.T) {
	h := pageOf(fixture())
	for path, want := range map[string]int{
		"/api/v1/receipts?limit=no": http.StatusBadRequest,
		"/api/v1/receipts?limit=-1": http.StatusBadRequest,
		"/api/v1/receipts/zz/1":     http.StatusBadRequest,
		"/api/v1/receipts/" + strings.Repeat("ab", 16) + "/" + strings.Repeat("cd", 8): http.StatusNotFound,
		"/api/v2/rollups":                http.StatusNotFound,
		"/api/v1/receipts?limit=0":       http.StatusOK,
		"/api/v1/receipts?route=nowhere": http.StatusOK,
	} {
		require.Equal(t, want, ask(t, h, path).Code, path)
	}
	require.Contains(t, ask(t, h, "/api/v1/receipts?route=support-agent").Body.String(), "acme-tuned-7b")
	require.NotContains(t, ask(t, h, "/api/v1/receipts?route=support-agent").Body.String(), "checkout")
	require.JSONEq(t, `{"receipts":[]}`, ask(t, h, "/api/v1/receipts?limit=0").Body.String())

	post := httptest.NewRecorder()
	h.ServeHTTP(post, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/rollups", nil))
	require.Equal(t, http.StatusMethodNotAllowed, post.Code)
}

// An empty ledger answers with empty lists, never with null.
func TestEmptyBooks(t *testing.T) {
	body := ask(t, pageOf(fixtureBooks{snap: &rollup.Snapshot{Start: fixtureStart, At: fixtureNow}}), "/api/v1/rollups").Body.String()
	require.NotContains(t, body, "null")
	for _, path := range []string{"/api/v1/inventory", "/api/v1/changes"} {
		require.NotContains(t, ask(t, pageOf(fixtureBooks{snap: &rollup.Snapshot{At: fixtureNow}}), path).Body.String(), "null")
	}
}

// The page needs nothing from elsewhere: what it names it brings, and it has
// no inline script or style, which its own policy would refuse.
func TestPageBringsEverything(t *testing.T) {
	h := pageOf(fixture())
	index := ask(t, h, "/")
	require.Equal(t, http.StatusOK, index.Code)
	require.Contains(t, index.Header().Get("Content-Security-Policy"), "default-src 'none'")
	for _, ref := range regexp.MustCompile(`(?:src|href)="([^"#]+)"`).FindAllStringSubmatch(index.Body.String(), -1) {
		require.Equal(t, http.StatusOK, ask(t, h, "/"+ref[1]).Code, ref[1])
	}
	require.NoError(t, fs.WalkDir(pageFiles, "page", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(pageFiles, path)
		require.NoError(t, err)
		text := strings.ReplaceAll(strings.ReplaceAll(string(data), "http://www.w3.org/2000/svg", ""), "http://localhost:4318", "")
		require.NotRegexp(t, `https?://|@import|<script>|style="|\bon[a-z]+="|innerHTML|eval\(`, text, path)
		return nil
	}))
}

func TestScrape(t *testing.T) {
	text := ask(t, NewScrape(fixture(), Publish{}), "/metrics").Body.String()
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	require.NoError(t, err)
	require.Empty(t, problems)
	for _, line := range []string{
		`spanledger_calls_total{error_class="rate_limited",outcome="failed",route="checkout",spanledger_model_id="gpt-4o",spanledger_model_platform="openai",spanledger_model_vendor="openai"} 101`,
		`spanledger_call_duration_seconds_bucket{route="search",spanledger_model_id="gpt-4o-mini",le="8"} 18204`,
		`spanledger_call_duration_seconds_count{route="search",spanledger_model_id="gpt-4o-mini"} 18204`,
		`spanledger_slo_error_budget_remaining_ratio{slo="checkout-answers"} -2.18`,
		`spanledger_slo_alert_active{slo="checkout-answers",tier="page"} 1`,
		`spanledger_provider_attempts_total{outcome="rate_limited",spanledger_model_id="gpt-4o",spanledger_model_platform="openai",spanledger_model_vendor="openai"} 402`,
		`spanledger_provider_attempts_total{outcome="good",spanledger_model_id="gpt-4o",spanledger_model_platform="openai",spanledger_model_vendor="openai"} 4247`,
		`spanledger_provider_attempts_total{outcome="bad",spanledger_model_id="gpt-4o",spanledger_model_platform="openai",spanledger_model_vendor="openai"} 85`,
		`spanledger_model_retirement_timestamp_seconds{lifecycle="deprecated",route="checkout",spanledger_model_id="gpt-4o",spanledger_model_vendor="openai"} 1.7928864e+09`,
	} {
		require.Contains(t, text, line+"\n")
	}
}

// The override is YAML that has everything but the price, and is refused
// without one.
func TestOverride(t *testing.T) {
	var got struct {
		Processors map[string]struct {
			Overrides []map[string]any `yaml:"overrides"`
		} `yaml:"processors"`
	}
	text := overrideFor(rollup.UnpricedRow{Platform: "azure: x", Model: `odd "name" #1`, Reason: stamp.StatusUnpricedModel})
	require.NoError(t, yaml.Unmarshal([]byte(text), &got))
	require.Equal(t, []map[string]any{{"model": `odd "name" #1`, "platform": "azure: x", "input": "PRICE", "output": "PRICE"}}, got.Processors["gen_ai_enricher"].Overrides)
	require.Empty(t, overrideFor(rollup.UnpricedRow{Model: "m", Reason: stamp.StatusNoUsage}), "a price would not help")
	require.Empty(t, overrideFor(rollup.UnpricedRow{Reason: stamp.StatusUnpricedModel}))
}

func TestQuantile(t *testing.T) {
	h := histogramOf(0, 10, 10) // ten in (0.5, 1], ten in (1, 2]
	require.InDelta(t, 1.0, quantile(&h, 0.5), 1e-9)
	require.InDelta(t, 1.9, quantile(&h, 0.95), 1e-9)
	last := histogramOf(0, 0, 0, 0, 0, 0, 0, 5)
	require.InDelta(t, 30, quantile(&last, 0.5), 0, "beyond the last boundary only that is known")
}
