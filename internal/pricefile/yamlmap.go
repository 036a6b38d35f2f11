package pricefile

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/spanledger/spanledger/internal/money"
)

// fields reads a mapping strictly: each key has a reader, an unknown or a
// repeated key is a fault, and so is anything that is no mapping. A name that
// is "*" reads all keys that no other does.
func (d *document) fields(n *yaml.Node, what string, readers map[string]func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.failLine(n.Line, "%s must be a mapping", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, known := readers[key.Value]
		if !known {
			read, known = readers["*"]
		}
		switch {
		case key.Kind != yaml.ScalarNode:
			d.failLine(key.Line, "%s has a key that is no word", what)
		case seen[key.Value]:
			d.failLine(key.Line, "%s has %q twice", what, key.Value)
		case !known:
			d.failLine(key.Line, "%s has no key %q; it may have %s", what, key.Value, strings.Join(names(readers), ", "))
		case value.Kind == yaml.AliasNode:
			d.failLine(value.Line, "YAML aliases are not read here")
		default:
			read(key, value)
		}
		seen[key.Value] = true
	}
}

func names[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// list reads a sequence.
func (d *document) list(n *yaml.Node, what string, read func(item *yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		d.failLine(n.Line, "%s must be a list", what)
		return
	}
	for _, item := range n.Content {
		if item.Kind == yaml.AliasNode {
			d.failLine(item.Line, "YAML aliases are not read here")
			continue
		}
		read(item)
	}
}

// scalar reads a single value as it was written.
func (d *document) scalar(key, value *yaml.Node) (string, bool) {
	if value.Kind != yaml.ScalarNode || value.Tag == "!!null" {
		d.failLine(value.Line, "%s needs a value", key.Value)
		return "", false
	}
	return strings.TrimSpace(value.Value), true
}

// text returns a reader of a word into a string.
func (d *document) text(into *string) func(key, value *yaml.Node) {
	return func(key, value *yaml.Node) { *into, _ = d.scalar(key, value) }
}

// words returns a reader of a list of words.
func (d *document) words(into *[]string) func(key, value *yaml.Node) {
	return func(key, value *yaml.Node) {
		d.list(value, key.Value, func(item *yaml.Node) {
			if s, ok := d.scalar(key, item); ok {
				*into = append(*into, s)
			}
		})
	}
}

// whole returns a reader of a count.
func (d *document) whole(into *int64) func(key, value *yaml.Node) {
	return func(key, value *yaml.Node) {
		s, ok := d.scalar(key, value)
		n, err := strconv.ParseInt(s, 10, 64)
		if ok && (err != nil || n < 0) {
			d.failLine(value.Line, "%s: %q is no whole number", key.Value, s)
		}
		*into = max(0, n)
	}
}

// truth returns a reader of true or false.
func (d *document) truth(into *bool) func(key, value *yaml.Node) {
	return func(key, value *yaml.Node) {
		s, ok := d.scalar(key, value)
		if *into = s == "true"; ok && s != "true" && s != "false" {
			d.failLine(value.Line, "%s: %q is neither true nor false", key.Value, s)
		}
	}
}

// date returns a reader of a date, or of a date with time and zone.
func (d *document) date(into *time.Time) func(key, value *yaml.Node) {
	return func(key, value *yaml.Node) {
		s, ok := d.scalar(key, value)
		if !ok {
			return
		}
		for _, layout := range [2]string{time.DateOnly, time.RFC3339} {
			if t, err := time.Parse(layout, s); err == nil {
				*into = t
				return
			}
		}
		d.failLine(value.Line, "%s: %q is no date like 2026-10-01", key.Value, s)
	}
}

// multiplier returns a reader of a factor.
func (d *document) multiplier(into *money.Factor) func(key, value *yaml.Node) {
	return func(key, value *yaml.Node) {
		s, ok := d.scalar(key, value)
		if !ok {
			return
		}
		f, err := money.NewFactor(s)
		if err != nil {
			d.failLine(value.Line, "%s: %w", key.Value, err)
		}
		*into = f
	}
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// yamlFault turns an error of the YAML reader into one of ours.
func (d *document) yamlFault(err error) {
	text := err.Error()
	line := 0
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	d.failLine(line, "%s", text)
}
