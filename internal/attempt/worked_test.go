package attempt

import (
	"fmt"
	"strings"
	"testing"
)

// groupsOf writes groups as "kind[a b c>final] end evidence", transport groups
// with their owner.
func groupsOf(r *Result) string {
	var out []string
	for i := range r.Groups {
		g := &r.Groups[i]
		var ids []string
		for _, k := range g.Spans {
			ids = append(ids, unpad(k.Span))
		}
		name := g.Kind.String()
		if g.Level == LevelTransport {
			name = unpad(g.Owner) + ":http"
		}
		out = append(out, fmt.Sprintf("%s[%s>%s] %s %s", name, strings.Join(ids, " "), unpad(g.Final.Span), g.End, g.Evidence))
	}
	return strings.Join(out, "; ")
}

// The shapes in which stacks are known to show their attempts, those that the
// oracle file does not hold among them.
func TestWorkedTraces(t *testing.T) {
	for _, c := range []struct {
		name, spans, want string
		amplification     float64
	}{
		{
			"an SDK that hides its tries, beside an HTTP instrumentation",
			"c llm 0-2000 tok=9/9\nh1 post < c 10-100 code=429\nh2 post < c 600-700 code=500\nh3 post < c 1700-1900 code=200",
			"c:http[h1 h2 h3>h3] recovered transport", 3,
		},
		{"an SDK that hides its tries, alone", "c llm 0-9000 tok=9/9", "", 1},
		{
			"LangChain with_retry gives up",
			"w step 0-3000 name=RunnableRetry\na llm < w 0-900 x=server_error\nb llm < w 1000-1900 x=server_error\nc llm < w 2000-2900 x=server_error",
			"retry[a b c>c] exhausted weak", 3,
		},
		{
			"LangChain with_fallbacks",
			"w step 0-3000 name=RunnableWithFallbacks\na llm < w 0-900 x=server_error\nb llm < w 1000-1900 tok=9/9 model=claude",
			"fallback[a b>b] recovered weak", 2,
		},
		{
			"TensorZero: providers within models",
			"v step 0-5000 name=variant_inference\nm1 server < v 0-2000 name=model_inference code=502\np1 llm < m1 0-900 x=server_error model=x1 ask=q\np2 llm < m1 910-1900 x=overloaded model=x2 ask=q\nm2 step < v 2100-5000 name=model_inference\np3 llm < m2 2110-4900 tok=9/9 model=x3 ask=q",
			"fallback[p1 p2 p3>p3] recovered strong", 3,
		},
		{
			"Temporal: one activity span per execution",
			"s step 0-9000 name=StartWorkflow\nr1 server < s 0-1000 name=RunActivity:ask code=500\na llm < r1 10-900 x=timeout\nr2 step < s 3000-5000 name=RunActivity:ask\nb llm < r2 3010-4900 tok=9/9",
			"retry[a b>b] recovered weak", 2,
		},
		{
			"different activities are different calls",
			"s step 0-9000 name=StartWorkflow\nr1 server < s 0-1000 name=RunActivity:ask code=500\na llm < r1 10-900 x=timeout\nr2 step < s 3000-5000 name=RunActivity:sum\nb llm < r2 3010-4900 tok=9/9",
			"", 1,
		},
		{
			"agentgateway: one SERVER span, outbound children, a mirror",
			"c llm 0-3000 tok=9/9 layer=gateway\nh1 post < c 10-300 code=429 outbound=Primary\nh2 post < c 400-2900 code=200 outbound=Primary\nm post < c 400-2900 code=200 outbound=Mirror",
			"c:http[h1 h2>h2] recovered transport", 2,
		},
		{
			"client over gateway: attempts at both layers, the call amplified threefold",
			"c llm 0-5000 tok=9/9\nh1 post < c 5-2000 code=503\ns1 server < h1 6-1990 code=503\ng1 llm < s1 10-900 x=overloaded ask=q\ng2 llm < s1 1000-1900 x=overloaded ask=q\nh2 post < c 2500-4900 code=200\ns2 server < h2 2510-4890 code=200\ng3 llm < s2 2520-4880 tok=9/9 ask=q",
			"c:http[h1 h2>h2] recovered transport; retry[g1 g2 g3>g3] recovered strong", 3,
		},
		{
			"a hedge that the first request wins",
			"p step 0-3000\na llm < p 0-2000 tok=9/9 ask=q\nb llm < p 1000-2010 x=cancelled ask=q", "hedge[a b>a] recovered strong", 2,
		},
		{
			"three racers",
			"p step 0-3000\na llm < p 0-2500 x=cancelled ask=q\nb llm < p 500-2500 x=cancelled ask=q\nc llm < p 1000-2490 tok=9/9 ask=q", "hedge[a b c>c] recovered strong", 3,
		},
		{
			"two answers to one question are a fan-out",
			"p step 0-3000\na llm < p 0-2500 tok=9/9 ask=q\nb llm < p 500-2500 tok=9/9 ask=q", "", 1,
		},
		{
			"the same failure in parallel is no hedge",
			"p step 0-3000\na llm < p 0-2500 x=server_error ask=q\nb llm < p 5-2500 x=server_error ask=q", "", 1,
		},
		{
			"a context overflow answered by a larger model",
			"p step 0-3000\na llm < p 0-100 x=context_length ask=q\nb llm < p 200-2500 tok=9/9 ask=q model=gpt-4.1", "fallback[a b>b] recovered strong", 2,
		},
		{"a long Retry-After", "p step 0-400000\na llm < p 0-1000 x=rate_limited ask=q\nb llm < p 290000-300000 tok=9/9 ask=q", "retry[a b>b] recovered strong", 2},
		{"too long a pause to be a retry", "p step 0-900000\na llm < p 0-1000 x=rate_limited ask=q\nb llm < p 302000-310000 tok=9/9 ask=q", "", 1},
		{"too long a pause for weak evidence", "p step 0-900000\na llm < p 0-1000 x=rate_limited\nb llm < p 62000-70000 tok=9/9", "", 1},
		{"two conversations in one session", "p step 0-9000\na llm < p 0-1000 x=rate_limited ask=q\nb llm < p 2000-3000 tok=9/9 ask=r", "", 1},
		{"an agent handled the failure", "p step 0-9000\nag agent < p 0-1100\na llm < ag 0-1000 x=rate_limited ask=q\nb llm < p 2000-3000 tok=9/9 ask=q", "", 1},
		{"attempts below a parent that never came", "a llm < gone 0-1000 x=rate_limited ask=q\nb llm < gone 2000-3000 tok=9/9 ask=q", "retry[a b>b] recovered strong", 2},
		{"two parents that never came", "a llm < gone 0-1000 x=rate_limited ask=q\nb llm < lost 2000-3000 tok=9/9 ask=q", "", 1},
		{"a chain that fails for good", "p step 0-9000\na llm < p 0-1000 x=server_error ask=q\nb llm < p 2000-3000 x=bad_request ask=q", "retry[a b>b] failed strong", 2},
		{"the user gives up in the end", "p step 0-9000\na llm < p 0-1000 x=server_error ask=q\nb llm < p 2000-3000 x=cancelled ask=q", "retry[a b>b] cancelled strong", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := tell(t, Config{WeakEvidence: true}, c.spans)
			r := Reduce(s.tr, Config{WeakEvidence: true})
			if got := groupsOf(&r); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if a := r.Amplification(); a != c.amplification {
				t.Errorf("amplification %v, want %v", a, c.amplification)
			}
		})
	}
}
