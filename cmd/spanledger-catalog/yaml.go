package main

import (
	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/price"
)

// yamlFile is a file of our own format; internal/pricefile reads it.
type yamlFile struct {
	Source  string            `yaml:"source,omitempty"`
	Version string            `yaml:"version,omitempty"`
	Checked string            `yaml:"checked,omitempty"`
	Prices  []*yamlRow        `yaml:"prices"`
	Rules   []*yamlRule       `yaml:"rules,omitempty"`
	Aliases map[string]string `yaml:"aliases,omitempty"`
}

type yamlRow struct {
	Model       string      `yaml:"model"`
	Platform    string      `yaml:"platform,omitempty"`
	Vendor      string      `yaml:"vendor,omitempty"`
	Aliases     []string    `yaml:"aliases,omitempty,flow"`
	Match       *yamlClause `yaml:"match,omitempty"`
	Currency    string      `yaml:"currency,omitempty"`
	ValidFrom   string      `yaml:"valid_from,omitempty"`
	ValidTo     string      `yaml:"valid_to,omitempty"`
	RecordedAt  string      `yaml:"recorded_at,omitempty"`
	yamlPrices  `yaml:",inline"`
	yamlExtras  `yaml:",inline"`
	Surcharge   bool   `yaml:"surcharge,omitempty"`
	Context     int64  `yaml:"context_window,omitempty"`
	Output      int64  `yaml:"max_output,omitempty"`
	Lifecycle   string `yaml:"lifecycle,omitempty"`
	Retires     string `yaml:"retirement_date,omitempty"`
	Replacement string `yaml:"replacement,omitempty"`
	PriceSource string `yaml:"price_source,omitempty"`
	SourceVer   string `yaml:"source_version,omitempty"`
	CheckedAt   string `yaml:"checked_at,omitempty"`
}

type yamlPrices struct {
	Tokens  map[string]string   `yaml:"-"` // for a million; written in line by MarshalYAML
	Tiers   []map[string]string `yaml:"context,omitempty"`
	Singles map[string]string   `yaml:"units,omitempty"` // for one; media for a second
}

type yamlExtras struct {
	Service map[string]*yamlTier `yaml:"tiers,omitempty"`
	Geo     map[string]string    `yaml:"geo,omitempty"`
	Hours   []yamlHours          `yaml:"hours,omitempty"`
}

type yamlTier struct {
	Factor     string `yaml:"factor,omitempty"`
	Flat       bool   `yaml:"flat,omitempty"`
	yamlPrices `yaml:",inline"`
}

type yamlHours struct {
	Name    string   `yaml:"name,omitempty"`
	Zone    string   `yaml:"zone,omitempty"`
	Outside bool     `yaml:"outside,omitempty"`
	Days    []string `yaml:"days,omitempty,flow"`
	From    string   `yaml:"from"`
	To      string   `yaml:"to"`
	Factor  string   `yaml:"factor"`
}

type yamlRule struct {
	Platform   string      `yaml:"platform,omitempty"`
	Vendor     string      `yaml:"vendor,omitempty"`
	Sources    []string    `yaml:"sources,omitempty,flow"`
	Match      *yamlClause `yaml:"match,omitempty"`
	yamlExtras `yaml:",inline"`
}

// MarshalYAML writes the prices of tokens in line, in the order of the buckets.
func (y *yamlRow) MarshalYAML() (any, error) {
	type plain yamlRow
	return inLine((*plain)(y), y.Tokens)
}

// MarshalYAML is that of a row.
func (y *yamlTier) MarshalYAML() (any, error) {
	type plain yamlTier
	return inLine((*plain)(y), y.Tokens)
}

func inLine(v any, tokens map[string]string) (*yaml.Node, error) {
	var n yaml.Node
	if err := n.Encode(v); err != nil {
		return nil, err
	}
	for b := llm.Bucket(0); b < llm.NumBuckets; b++ {
		if text, ok := tokens[b.String()]; ok {
			n.Content = append(n.Content,
				&yaml.Node{Kind: yaml.ScalarNode, Value: b.String()},
				&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text})
		}
	}
	return &n, nil
}

type yamlClause struct {
	Equals     string        `yaml:"equals,omitempty"`
	StartsWith string        `yaml:"starts_with,omitempty"`
	EndsWith   string        `yaml:"ends_with,omitempty"`
	Contains   string        `yaml:"contains,omitempty"`
	Regex      string        `yaml:"regex,omitempty"`
	Any        []*yamlClause `yaml:"any,omitempty"`
	All        []*yamlClause `yaml:"all,omitempty"`
	Not        *yamlClause   `yaml:"not,omitempty"`
}

func clauseOf(c *price.Clause) *yamlClause {
	out := &yamlClause{}
	var sub []*yamlClause
	for i := range c.Sub {
		sub = append(sub, clauseOf(&c.Sub[i]))
	}
	switch c.Op {
	case price.OpEquals:
		out.Equals = c.Text
	case price.OpStartsWith:
		out.StartsWith = c.Text
	case price.OpEndsWith:
		out.EndsWith = c.Text
	case price.OpContains:
		out.Contains = c.Text
	case price.OpRegex:
		out.Regex = c.Text
	case price.OpAny:
		out.Any = sub
	case price.OpAll:
		out.All = sub
	case price.OpNot:
		out.Not = sub[0]
	}
	return out
}
