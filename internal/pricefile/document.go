package pricefile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spanledger/spanledger/internal/price"
)

// document is a file on its way to a table: its JSON tree where it is JSON,
// and the faults found so far.
type document struct {
	name   string
	data   []byte
	root   *node // nil: not JSON
	starts []int // byte offset of each line
	faults []error
}

// kind is the type of a JSON value.
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

var kindNames = [...]string{"null", "bool", "number", "string", "list", "object"}

func (k kind) String() string { return kindNames[k] }

// node is a JSON value that knows where it stands. Numbers keep their text, so
// that no price passes through a float.
type node struct {
	kind    kind
	text    string // of strings, numbers, bools
	offset  int    // just behind the value's first token
	members []member
	items   []*node
}

// member is one key of an object, in file order.
type member struct {
	key    string
	offset int
	value  *node
}

// get returns the last member of that key, as JSON readers do; nil none.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for i := len(n.members) - 1; i >= 0; i-- {
		if n.members[i].key == key {
			return n.members[i].value
		}
	}
	return nil
}

// str returns the text of a string, "" for anything else.
func (n *node) str() string {
	if n == nil || n.kind != kindString {
		return ""
	}
	return n.text
}

// isObject is get's question put to the whole value.
func (n *node) isObject() bool { return n != nil && n.kind == kindObject }

func newDocument(data []byte, name string) (*document, error) {
	d := &document{name: name, data: bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))}
	if len(data) > MaxSize {
		return nil, &Error{File: name, Err: fmt.Errorf("%d bytes are more than the limit of %d", len(data), MaxSize)}
	}
	if !utf8.Valid(d.data) {
		return nil, &Error{File: name, Err: errors.New("not UTF-8 text")}
	}
	d.starts = append(d.starts, 0)
	for i, c := range d.data {
		if c == '\n' {
			d.starts = append(d.starts, i+1)
		}
	}
	if first := bytes.TrimLeft(d.data, " \t\r\n"); len(first) > 0 && (first[0] == '{' || first[0] == '[') {
		root, err := d.readJSON()
		if err != nil {
			return nil, err
		}
		d.root = root
		d.refuseTwins(root)
	}
	return d, nil
}

// pos turns an offset into a line and a column.
func (d *document) pos(offset int) price.Pos {
	line := sort.SearchInts(d.starts, offset+1)
	return price.Pos{Line: line, Column: offset - d.starts[line-1] + 1}
}

// fail records a fault at an offset of the file.
func (d *document) fail(offset int, format string, args ...any) {
	d.failLine(d.pos(offset).Line, format, args...)
}

// failLine records a fault at a line.
func (d *document) failLine(line int, format string, args ...any) {
	if len(d.faults) < maxFaults {
		d.faults = append(d.faults, &Error{d.name, line, fmt.Errorf(format, args...)})
	}
}

// digest names the content where the format carries no version.
func (d *document) digest() string {
	sum := sha256.Sum256(d.data)
	return hex.EncodeToString(sum[:6])
}

// maxDepth bounds nesting; catalogues need less than ten.
const maxDepth = 64

func (d *document) readJSON() (*node, error) {
	dec := json.NewDecoder(bytes.NewReader(d.data))
	dec.UseNumber()
	root, err := readNode(dec, 0)
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			return root, nil
		} else if err == nil {
			err = errors.New("there is more after the end of the document")
		}
	}
	at := int(dec.InputOffset())
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		at = int(syntax.Offset)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		at, err = len(d.data), errors.New("the document ends in the middle of a value")
	}
	return nil, &Error{d.name, d.pos(min(at, len(d.data))).Line, err}
}

func readNode(dec *json.Decoder, depth int) (*node, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	n := &node{offset: int(dec.InputOffset())}
	switch v := tok.(type) {
	case nil:
		return n, nil
	case bool:
		n.kind, n.text = kindBool, strconv.FormatBool(v)
		return n, nil
	case json.Number:
		n.kind, n.text = kindNumber, v.String()
		return n, nil
	case string:
		n.kind, n.text = kindString, v
		return n, nil
	case json.Delim:
		if depth == maxDepth {
			return nil, fmt.Errorf("values are nested more than %d deep", maxDepth)
		}
		if v == '[' {
			n.kind = kindArray
			return n, readItems(dec, n, depth)
		}
		n.kind = kindObject
		return n, readMembers(dec, n, depth)
	}
	return nil, fmt.Errorf("unexpected token %v", tok)
}

func readItems(dec *json.Decoder, n *node, depth int) error {
	for dec.More() {
		item, err := readNode(dec, depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := dec.Token() // the closing bracket
	return err
}

func readMembers(dec *json.Decoder, n *node, depth int) error {
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		at := int(dec.InputOffset())
		value, err := readNode(dec, depth+1)
		if err != nil {
			return err
		}
		n.members = append(n.members, member{key.(string), at, value})
	}
	_, err := dec.Token()
	return err
}

// refuseTwins finds keys that an object has twice with different values. JSON
// readers take one of them in silence, and not all the same one; of two prices
// nobody knows which was meant.
func (d *document) refuseTwins(n *node) {
	for _, item := range n.items {
		d.refuseTwins(item)
	}
	seen := make(map[string]member, len(n.members))
	for _, m := range n.members {
		d.refuseTwins(m.value)
		if first, twice := seen[m.key]; twice && !first.value.equal(m.value) {
			d.fail(m.offset, "%q is there twice and not the same, first in line %d", m.key, d.pos(first.offset).Line)
		}
		seen[m.key] = m
	}
}

// equal reports whether two values were written alike, white space and the
// order of keys aside.
func (n *node) equal(o *node) bool {
	if n.kind != o.kind || n.text != o.text || len(n.items) != len(o.items) || len(n.members) != len(o.members) {
		return false
	}
	for i := range n.items {
		if !n.items[i].equal(o.items[i]) {
			return false
		}
	}
	for _, m := range n.members {
		if other := o.get(m.key); other == nil || !m.value.equal(other) {
			return false
		}
	}
	return true
}

// decimal returns the text of a number, also of one that was written as a
// string; ok is false for null and for every other kind.
func (n *node) decimal() (text string, ok bool) {
	if n != nil && (n.kind == kindNumber || n.kind == kindString) {
		return strings.TrimSpace(n.text), true
	}
	return "", false
}
