package slospec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Written is an objective in the words of a spanledger configuration: one
// entry of its list slos.
type Written struct {
	Name      string            `yaml:"name"`
	Where     map[string]string `yaml:"where,omitempty"`
	SLI       map[string]string `yaml:"sli"`
	Objective string            `yaml:"objective"`
	Window    WrittenWindow     `yaml:"window"`
	MinEvents int64             `yaml:"min_events,omitempty"`
	Budgeting *WrittenBudgeting `yaml:"budgeting,omitempty"`
	Alerts    []WrittenAlert    `yaml:"alerts,omitempty"`
	Errors    map[string]string `yaml:"errors,omitempty"`
}

// Map is the objective as a configuration's decoder takes it.
func (w *Written) Map() (map[string]any, error) {
	text, err := yaml.Marshal(w)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	err = yaml.Unmarshal(text, &m)
	return m, err
}

// WrittenWindow is rolling or a calendar period.
type WrittenWindow struct {
	Rolling   string `yaml:"rolling,omitempty"`
	Calendar  string `yaml:"calendar,omitempty"`
	Zone      string `yaml:"zone,omitempty"`
	WeekStart string `yaml:"week_start,omitempty"`
}

// WrittenAlert is one pair of windows with its burn rate.
type WrittenAlert struct {
	Name   string `yaml:"name"`
	Long   string `yaml:"long"`
	Short  string `yaml:"short"`
	Factor string `yaml:"factor"`
}

// File is a file of OpenSLO objects, several documents perhaps.
type File struct {
	Name string
	Data []byte
}

// openSLOVersion is the only version that is read.
const openSLOVersion = "openslo/v1"

// sourceType marks a metric source that is ours.
const sourceType = "spanledger"

// object is any OpenSLO object.
type object struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name string `yaml:"name"`
	} `yaml:"metadata"`
	Spec yaml.Node `yaml:"spec"`
	file string
}

func (o *object) fault(format string, args ...any) error {
	where := o.file
	if o.Spec.Line > 0 {
		where = fmt.Sprintf("%s:%d", o.file, o.Spec.Line)
	}
	return fmt.Errorf("%s: %s %q: %w", where, o.Kind, o.Metadata.Name, fmt.Errorf(format, args...))
}

// library holds the objects that others refer to by name.
type library struct {
	byKind map[string]map[string]*object
	slos   []*object
	notes  []string
}

// ReadOpenSLO reads the objectives of OpenSLO v1 files that rest on a metric
// source of type spanledger, in the order of the files. Those of other sources
// and what we have no word for are told in notes; a reference may point into
// any of the files. Every fault is reported, with its file and object.
func ReadOpenSLO(files []File) (list []Written, notes []string, err error) {
	lib := &library{byKind: map[string]map[string]*object{}}
	var errs []error
	for _, f := range files {
		errs = append(errs, lib.read(f))
	}
	names := map[string]bool{}
	for _, o := range lib.slos {
		some, err := lib.slo(o)
		errs = append(errs, err)
		for _, w := range some {
			if names[w.Name] {
				errs = append(errs, o.fault("the name %q is taken", w.Name))
			}
			names[w.Name] = true
			list = append(list, w)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, lib.notes, err
	}
	if len(list) == 0 {
		return nil, lib.notes, fmt.Errorf("no SLO with a metricSource of type %s was found", sourceType)
	}
	return list, lib.notes, nil
}

func (l *library) note(o *object, format string, args ...any) {
	l.notes = append(l.notes, fmt.Sprintf("%s %q %s", o.Kind, o.Metadata.Name, fmt.Sprintf(format, args...)))
}

var kinds = []string{"SLO", "SLI", "DataSource", "AlertPolicy", "AlertCondition", "AlertNotificationTarget", "Service"}

func (l *library) read(f File) error {
	dec := yaml.NewDecoder(bytes.NewReader(f.Data))
	var errs []error
	for n := 1; ; n++ {
		o := &object{file: f.Name}
		err := dec.Decode(o)
		switch {
		case errors.Is(err, io.EOF):
			return errors.Join(errs...)
		case err != nil:
			return errors.Join(append(errs, fmt.Errorf("%s: document %d: %w", f.Name, n, err))...)
		case o.APIVersion == "" && o.Kind == "":
			continue // an empty document
		case o.APIVersion != openSLOVersion:
			errs = append(errs, o.fault("apiVersion %q is not %s", o.APIVersion, openSLOVersion))
		case !slices.Contains(kinds, o.Kind):
			errs = append(errs, o.fault("the kind is not one of %s", strings.Join(kinds, ", ")))
		case o.Metadata.Name == "":
			errs = append(errs, o.fault("metadata.name is missing"))
		default:
			errs = append(errs, l.keep(o))
		}
	}
}

func (l *library) keep(o *object) error {
	if l.byKind[o.Kind] == nil {
		l.byKind[o.Kind] = map[string]*object{}
	}
	if other := l.byKind[o.Kind][o.Metadata.Name]; other != nil {
		return o.fault("is in %s too", other.file)
	}
	l.byKind[o.Kind][o.Metadata.Name] = o
	if o.Kind == "SLO" {
		l.slos = append(l.slos, o)
	}
	return nil
}

// find resolves a reference into the spec of the object it names.
func (l *library) find(kind, name string, into any) error {
	o := l.byKind[kind][name]
	if o == nil {
		return fmt.Errorf("there is no %s %q", kind, name)
	}
	if err := o.Spec.Decode(into); err != nil {
		return o.fault("spec: %w", err)
	}
	return nil
}

// sloSpec is the spec of an SLO.
type sloSpec struct {
	Service      string      `yaml:"service"`
	Indicator    *inlineSLI  `yaml:"indicator"`
	IndicatorRef string      `yaml:"indicatorRef"`
	TimeWindow   []window    `yaml:"timeWindow"`
	Budgeting    string      `yaml:"budgetingMethod"`
	Objectives   []objective `yaml:"objectives"`
	Policies     []policyRef `yaml:"alertPolicies"`
}

type inlineSLI struct {
	Spec sliSpec `yaml:"spec"`
}

type objective struct {
	DisplayName     string     `yaml:"displayName"`
	Op              string     `yaml:"op"`
	Value           string     `yaml:"value"`
	Target          string     `yaml:"target"`
	TargetPercent   string     `yaml:"targetPercent"`
	Indicator       *inlineSLI `yaml:"indicator"`
	IndicatorRef    string     `yaml:"indicatorRef"`
	CompositeWeight string     `yaml:"compositeWeight"`
	SliceTarget     string     `yaml:"timeSliceTarget"`
	SliceWindow     string     `yaml:"timeSliceWindow"`
}

// slo reads one SLO; each of its objectives becomes one of ours. Those of
// other metric sources give none.
func (l *library) slo(o *object) ([]Written, error) {
	var spec sloSpec
	if err := o.Spec.Decode(&spec); err != nil {
		return nil, o.fault("spec: %w", err)
	}
	sli, err := l.indicator(&spec)
	if err != nil {
		return nil, o.fault("%w", err)
	}
	src, err := l.source(&sli)
	switch {
	case errors.Is(err, errForeign):
		l.note(o, "is left out: %v", err)
		return nil, nil
	case err != nil:
		return nil, o.fault("indicator: %w", err)
	}
	base, errs := src.written(), []error{}
	base.Window, err = readWindow(spec.TimeWindow)
	errs = append(errs, err)
	base.Alerts, err = l.alerts(o, spec.Policies)
	errs = append(errs, err)
	if len(spec.Objectives) == 0 {
		errs = append(errs, errors.New("objectives: at least one is needed"))
	}
	var out []Written
	for i := range spec.Objectives {
		w := base
		w.Name = objectiveName(o.Metadata.Name, &spec.Objectives[i], i, len(spec.Objectives))
		errs = append(errs, spec.Objectives[i].apply(&w, sli.Threshold != nil))
		w.Budgeting, err = readBudgeting(spec.Budgeting, &spec.Objectives[i])
		errs = append(errs, err)
		out = append(out, w)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, o.fault("%w", err)
	}
	return out, nil
}

func objectiveName(name string, o *objective, i, of int) string {
	switch {
	case of == 1:
		return name
	case slug(o.DisplayName) != "":
		return name + "-" + slug(o.DisplayName)
	}
	return fmt.Sprintf("%s-%d", name, i+1)
}

// apply puts target and threshold of one objective.
func (o *objective) apply(w *Written, threshold bool) error {
	var errs []error
	switch {
	case o.Indicator != nil || o.IndicatorRef != "" || o.CompositeWeight != "":
		errs = append(errs, errors.New("composite objectives are not read; the sli kind composite has several limits in one"))
	case (o.Target == "") == (o.TargetPercent == ""):
		errs = append(errs, errors.New("exactly one of target and targetPercent is needed"))
	case o.Target != "":
		w.Objective = o.Target
	default:
		w.Objective = o.TargetPercent + "%"
	}
	switch {
	case !threshold && (o.Op != "" || o.Value != ""):
		errs = append(errs, errors.New("op and value belong to a thresholdMetric"))
	case threshold && (o.Op != "lte" || o.Value == ""):
		errs = append(errs, fmt.Errorf("a thresholdMetric needs op lte (a value equal to its threshold keeps it) and a value, got %q and %q", o.Op, o.Value))
	case threshold:
		sli := map[string]string{}
		for k, v := range w.SLI {
			sli[k] = v
		}
		sli["threshold"] = o.Value
		if sli["kind"] != "cost_per_call" {
			sli["threshold"] += "s"
		}
		w.SLI = sli
	}
	return errors.Join(errs...)
}
