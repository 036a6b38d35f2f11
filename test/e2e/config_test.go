package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const skeleton = `
receivers:
  otlp:
    protocols:
      http: {endpoint: "127.0.0.1:0"}
processors:
  gen_ai_enricher: PROCESSOR
exporters:
  gen_ai_rollup: EXPORTER
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], processors: [gen_ai_enricher], exporters: [gen_ai_rollup]}
`

// A bad config is refused at start: the message names the path in the YAML and
// the reason, and every fault at once.
func TestBadConfigsAreRefusedWithPathAndReason(t *testing.T) {
	for _, c := range []struct {
		name, processor, exporter string
		want                      []string
	}{
		{"unknown key", `{stampp: full}`, `{ui: {}}`, []string{"gen_ai_enricher", "stampp"}},
		{"negative price", `{overrides: [{model: m, input: "-1"}]}`, `{ui: {}}`, []string{"overrides[0]::input", "negative"}},
		{"bad OTTL", `{routes: ['span.attributes[']}`, `{ui: {}}`, []string{"routes[0]", "OTTL"}},
		{"impossible window", `{}`, `{ui: {}, slos: [{name: a, sli: {kind: availability}, objective: 0.99, window: {rolling: 1s}}]}`, []string{"slos", "window"}},
		{"objective above one", `{}`, `{ui: {}, slos: [{name: a, sli: {kind: availability}, objective: 1.2, window: {rolling: 30d}}]}`, []string{"slos", "objective"}},
		{"negative budget", `{}`, `{ui: {}, budgets: [{name: b, limit: -5, window: {calendar: month, zone: UTC}}]}`, []string{"budgets", "limit"}},
		{"nowhere to go", `{}`, `{}`, []string{"gen_ai_rollup", "destination|nowhere"}},
		{
			"several at once", `{stamp: loud, attempts: {billing: nobody}, errors: [{condition: "true == true", class: sad}]}`, `{ui: {}}`,
			[]string{"stamp", "attempts::billing", "errors[0]::class"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bad.yaml")
			src := strings.NewReplacer("PROCESSOR", c.processor, "EXPORTER", c.exporter).Replace(skeleton)
			require.NoError(t, os.WriteFile(path, []byte(src), 0o600))
			out, err := exec.Command(binary(t), "validate", "--config", path).CombinedOutput()
			require.Error(t, err, "%s", out)
			for _, want := range c.want {
				any := false
				for _, w := range strings.Split(want, "|") {
					any = any || strings.Contains(string(out), w)
				}
				require.True(t, any, "the message names %q:\n%s", want, out)
			}
		})
	}
}

// Every example is validated and started.
func TestExamplesStart(t *testing.T) {
	examples, err := filepath.Glob(filepath.Join(root(), "examples", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, examples)
	for _, path := range examples {
		t.Run(filepath.Base(path), func(t *testing.T) {
			state := "SPANLEDGER_STATE=" + t.TempDir()
			validate := exec.Command(binary(t), "validate", "--config", path)
			validate.Env = append(os.Environ(), state)
			out, err := validate.CombinedOutput()
			require.NoError(t, err, "%s", out)
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			c := launch(t, path, state)
			if strings.Contains(string(src), "SPANLEDGER_UI") {
				c.waitServing()
			} else {
				c.waitReceiving()
			}
			c.stop()
		})
	}
}
