package llmspan

import (
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// tape holds values of attributes, and those inside text that is JSON, one
// after the other: a list or an object is followed by what is in it, a member
// of an object is its name and then its value. It is filled anew for each
// span without building anything for each value.
type tape []node

type node struct {
	kind nodeKind
	// text is what a text or a name says, and how a number or a bool is
	// spelled.
	text string
	// end is where the next value stands that is not inside this one.
	end int
}

type nodeKind uint8

const (
	isNothing nodeKind = iota // null, and bytes
	isText
	isScalar // a number or a bool
	isList
	isObject
	isName
)

func (t *tape) put(kind nodeKind, text string) {
	*t = append(*t, node{kind: kind, text: text, end: len(*t) + 1})
}

// attribute puts a value; text that is JSON is parsed.
func (t *tape) attribute(v pcommon.Value) (at int) {
	at = len(*t)
	if v.Type() == pcommon.ValueTypeStr {
		if !t.json(v.Str()) {
			t.put(isText, v.Str())
		}
		return at
	}
	t.value(v)
	return at
}

// value puts a value as it is.
func (t *tape) value(v pcommon.Value) {
	at := len(*t)
	switch v.Type() {
	case pcommon.ValueTypeStr:
		t.put(isText, v.Str())
	case pcommon.ValueTypeBool:
		t.put(isScalar, strconv.FormatBool(v.Bool()))
	case pcommon.ValueTypeInt:
		t.put(isScalar, strconv.FormatInt(v.Int(), 10))
	case pcommon.ValueTypeDouble:
		t.put(isScalar, strconv.FormatFloat(v.Double(), 'g', -1, 64))
	case pcommon.ValueTypeSlice:
		t.put(isList, "")
		for _, e := range v.Slice().All() {
			t.value(e)
		}
	case pcommon.ValueTypeMap:
		t.put(isObject, "")
		for k, e := range v.Map().All() {
			t.put(isName, k)
			t.value(e)
		}
	default:
		t.put(isNothing, "")
	}
	(*t)[at].end = len(*t)
}

// json puts the list or the object that s is, and reports whether it is one;
// if not, nothing is put.
func (t *tape) json(s string) bool {
	s = strings.TrimSpace(s)
	if s == "" || s[0] != '{' && s[0] != '[' {
		return false
	}
	at := len(*t)
	j := jsonText{s: s, to: t}
	if j.value(0) && j.i == len(s) {
		return true
	}
	*t = slices.Delete(*t, at, len(*t))
	return false
}

// find is where the value of a member stands; of several of one name the last
// counts.
func (t tape) find(object int, name string) (at int, ok bool) {
	for i := object + 1; i < t[object].end; i = t[i+1].end {
		if t[i].text == name {
			at, ok = i+1, true
		}
	}
	return at, ok
}

// text is what a member says that is a text, else "".
func (t tape) text(object int, name string) (text string, ok bool) {
	if at, ok := t.find(object, name); ok && t[at].kind == isText {
		return t[at].text, true
	}
	return "", false
}
