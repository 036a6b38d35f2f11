// Package grafana makes the dashboard that is shipped: what is asked of
// Prometheus, in which unit and what it means, without the JSON around it.
package grafana

import "encoding/json"

// Dashboard is the dashboard as Grafana imports it.
func Dashboard() ([]byte, error) {
	d := map[string]any{
		"title":         "spanledger: spend and service levels of LLM calls",
		"uid":           "spanledger",
		"description":   "Books of LLM calls kept by spanledger: spend, outcomes, retries, SLOs and budgets. Figures of spend are estimates by list price unless the provider reported one; calls of unknown cost are counted apart and never as zero.",
		"tags":          []string{"llm", "opentelemetry", "slo", "spanledger"},
		"schemaVersion": 39,
		"version":       1,
		"editable":      true,
		"graphTooltip":  1,
		"refresh":       "1m",
		"time":          map[string]any{"from": "now-24h", "to": "now"},
		"timepicker":    map[string]any{},
		"templating":    map[string]any{"list": variables()},
		"annotations":   map[string]any{"list": annotations()},
		"panels":        layout(rows()),
	}
	out, err := json.MarshalIndent(d, "", "  ")
	return append(out, '\n'), err
}

// source is the data source that the user picks.
var source = map[string]any{"type": "prometheus", "uid": "${datasource}"}

func variables() []any {
	list := []any{map[string]any{
		"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
		"current": map[string]any{}, "hide": 0, "refresh": 1, "includeAll": false, "multi": false,
	}}
	for _, v := range []struct {
		name, label, query string
		many               bool
	}{
		{"route", "Route", "label_values(spanledger_attempts_total, route)", true},
		{"model", "Model", `label_values(spanledger_attempts_total{route=~"$route"}, spanledger_model_id)`, true},
		{"slo", "SLO", "label_values(spanledger_slo_events_total, slo)", true},
		{"currency", "Currency", "label_values(spanledger_cost_total, currency)", false},
	} {
		one := map[string]any{
			"name": v.name, "label": v.label, "type": "query", "datasource": source, "definition": v.query,
			"query":   map[string]any{"query": v.query, "refId": "Variable-" + v.name},
			"refresh": 2, "sort": 1, "hide": 0, "includeAll": v.many, "multi": v.many, "current": map[string]any{},
		}
		if v.many {
			// An absent label must pass as well: not every config has a model dimension.
			one["allValue"] = ".*"
			one["current"] = map[string]any{"text": "All", "value": "$__all"}
		}
		list = append(list, one)
	}
	return list
}

func annotations() []any {
	return []any{map[string]any{
		"name": "SLO alerts", "datasource": source, "enable": true, "hide": false, "iconColor": "red",
		"expr": `max by (slo, tier) (spanledger_slo_alert_active{slo=~"$slo"}) == 1`, "step": "60s",
		"titleFormat": "{{slo}}", "textFormat": "{{tier}}: error budget burns too fast", "tagKeys": "slo,tier",
	}}
}

// row is a section of the dashboard, closed unless it is open.
type row struct {
	title  string
	closed bool
	panels []panel
}

// panel is one picture.
type panel struct {
	kind, title, says string
	wide, high        int
	// unit is Grafana's name of a unit; none is what a bare number is shown as.
	unit     string
	decimals int // -1 leaves it to Grafana
	empty    string
	queries  []query
	min, max any
	stacked  bool
	colors   map[string]string // of series by name
	steps    []step            // thresholds, lowest first
	columns  []column          // of a table, in order
}

type query struct{ expr, legend string }

type step struct {
	from  any // nil is the lowest
	color string
}

// column names a column of a table by the name it arrives under.
type column struct {
	from, title, unit string
	steps             []step
}

// layout places panels from left to right and numbers them.
func layout(rows []row) []any {
	var out []any
	id, y := 0, 0
	for _, r := range rows {
		id++
		head := map[string]any{
			"id": id, "type": "row", "title": r.title, "collapsed": r.closed, "panels": []any{},
			"gridPos": map[string]int{"x": 0, "y": y, "w": 24, "h": 1},
		}
		y++
		var inside []any
		x, line := 0, 0
		for i := range r.panels {
			p := &r.panels[i]
			if x+p.wide > 24 {
				x, y, line = 0, y+line, 0
			}
			id++
			inside = append(inside, p.json(id, x, y))
			x, line = x+p.wide, max(line, p.high)
		}
		y += line
		if r.closed {
			head["panels"] = inside
			out = append(out, head)
			continue
		}
		out = append(append(out, head), inside...)
	}
	return out
}

func (p *panel) json(id, x, y int) map[string]any {
	targets := make([]any, len(p.queries))
	for i, q := range p.queries {
		t := map[string]any{"refId": refID(i), "datasource": source, "expr": q.expr, "legendFormat": q.legend, "editorMode": "code"}
		switch p.kind {
		case "stat", "table", "bargauge":
			t["instant"], t["range"] = true, false
		default:
			t["instant"], t["range"] = false, true
		}
		if p.kind == "table" {
			t["format"] = "table"
		}
		targets[i] = t
	}
	defaults := map[string]any{"noValue": p.empty, "unit": p.unit, "mappings": []any{}}
	if p.decimals >= 0 {
		defaults["decimals"] = p.decimals
	}
	if p.min != nil {
		defaults["min"] = p.min
	}
	if p.max != nil {
		defaults["max"] = p.max
	}
	defaults["thresholds"] = thresholds(p.steps)
	out := map[string]any{
		"id": id, "type": p.kind, "title": p.title, "description": p.says, "datasource": source,
		"gridPos": map[string]int{"x": x, "y": y, "w": p.wide, "h": p.high},
		"targets": targets, "options": p.options(),
		"fieldConfig": map[string]any{"defaults": defaults, "overrides": p.overrides()},
	}
	if p.kind == "timeseries" {
		defaults["custom"] = p.lines()
	}
	if p.kind == "table" {
		out["transformations"] = p.merge()
	}
	return out
}

func refID(i int) string { return string(rune('A' + i)) }

func thresholds(steps []step) map[string]any {
	if len(steps) == 0 {
		steps = []step{{nil, "text"}}
	}
	list := make([]any, len(steps))
	for i, s := range steps {
		list[i] = map[string]any{"value": s.from, "color": s.color}
	}
	return map[string]any{"mode": "absolute", "steps": list}
}

func (p *panel) lines() map[string]any {
	c := map[string]any{
		"drawStyle": "line", "lineWidth": 1, "fillOpacity": 0, "showPoints": "never", "spanNulls": false,
		"stacking": map[string]any{"mode": "none", "group": "A"},
	}
	if p.stacked {
		c["fillOpacity"] = 40
		c["stacking"] = map[string]any{"mode": "normal", "group": "A"}
	}
	if len(p.steps) > 1 {
		c["thresholdsStyle"] = map[string]any{"mode": "line"}
	}
	return c
}

func (p *panel) options() map[string]any {
	switch p.kind {
	case "timeseries":
		return map[string]any{
			"legend":  map[string]any{"displayMode": "table", "placement": "bottom", "showLegend": true, "calcs": []string{"mean", "lastNotNull"}},
			"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
		}
	case "stat":
		return map[string]any{
			"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
			"colorMode":     "value", "graphMode": "none", "justifyMode": "auto", "textMode": "auto", "orientation": "auto",
		}
	case "bargauge":
		return map[string]any{
			"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
			"displayMode":   "basic", "orientation": "horizontal", "showUnfilled": true,
		}
	case "state-timeline":
		return map[string]any{
			"showValue": "never", "mergeValues": true, "rowHeight": 0.8,
			"legend": map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": false},
		}
	}
	return map[string]any{"showHeader": true, "cellHeight": "sm", "footer": map[string]any{"show": false}}
}

func (p *panel) overrides() []any {
	out := []any{}
	for _, name := range sortedKeys(p.colors) {
		out = append(out, override("byName", name, "color", map[string]any{"mode": "fixed", "fixedColor": p.colors[name]}))
	}
	for _, c := range p.columns {
		if c.unit != "" {
			out = append(out, override("byName", c.title, "unit", c.unit))
		}
		if c.steps != nil {
			o := override("byName", c.title, "thresholds", thresholds(c.steps))
			o["properties"] = append(o["properties"].([]any), map[string]any{
				"id": "custom.cellOptions", "value": map[string]any{"type": "color-text"},
			})
			out = append(out, o)
		}
	}
	return out
}

func override(matcher, name, property string, value any) map[string]any {
	return map[string]any{
		"matcher":    map[string]any{"id": matcher, "options": name},
		"properties": []any{map[string]any{"id": property, "value": value}},
	}
}

// merge joins the queries of a table by their labels and names the columns.
func (p *panel) merge() []any {
	rename, order, drop := map[string]string{}, map[string]int{}, map[string]bool{"Time": true}
	for i, c := range p.columns {
		rename[c.from], order[c.from] = c.title, i
	}
	return []any{
		map[string]any{"id": "merge", "options": map[string]any{}},
		map[string]any{"id": "organize", "options": map[string]any{"excludeByName": drop, "indexByName": order, "renameByName": rename}},
	}
}

// value is the name under which the nth query's numbers arrive in a table.
func value(n int) string { return "Value #" + refID(n) }
