package llmspan

// objText walks an object written as JSON or as Python prints one (dict,
// dataclass or pydantic repr), without building anything. Emitters put usage
// into text of both kinds; what matters is a name, a scalar and the names of
// the enclosing objects. It never fails: on garbage it ends early.
type objText struct {
	s     string
	i     int
	depth int
	open  [8]string // names of the enclosing objects
	name  string    // waiting for its value
}

// next returns the next named scalar; quoted says that it was a string.
func (o *objText) next() (name, value string, quoted, ok bool) {
	for o.i < len(o.s) {
		switch c := o.s[o.i]; c {
		case ' ', '\n', '\t', '\r', ',':
			o.i++
		case '{', '[', '(':
			if o.depth < len(o.open) {
				o.open[o.depth] = o.name
			}
			o.depth++
			o.name = ""
			o.i++
		case '}', ']', ')':
			o.depth = max(o.depth-1, 0)
			o.name = ""
			o.i++
		case '"', '\'':
			w := o.quoted(c)
			if o.colon() {
				o.name = w
			} else if n := o.take(); n != "" {
				return n, w, true, true
			}
		default:
			w := o.word()
			if o.colon() {
				o.name = w
			} else if o.i < len(o.s) && o.s[o.i] == '(' {
				continue // a class name: the arguments belong to the pending name
			} else if n := o.take(); n != "" {
				return n, w, false, true
			}
		}
	}
	return "", "", false, false
}

// parent is the name of the object that holds the last scalar.
func (o *objText) parent() string { return o.level(o.depth - 1) }

// level names the object at a depth; 0 is the outermost, without a name.
func (o *objText) level(d int) string {
	if d >= 0 && d < len(o.open) {
		return o.open[d]
	}
	return ""
}

func (o *objText) take() string {
	n := o.name
	o.name = ""
	return n
}

func (o *objText) quoted(q byte) string {
	start := o.i + 1
	for o.i = start; o.i < len(o.s); o.i++ {
		switch o.s[o.i] {
		case '\\':
			o.i++
		case q:
			w := o.s[start:o.i]
			o.i++
			return w
		}
	}
	o.i = len(o.s)
	return o.s[min(start, len(o.s)):]
}

func (o *objText) word() string {
	start := o.i
	for o.i < len(o.s) {
		switch o.s[o.i] {
		case ' ', '\n', '\t', '\r', ',', ':', '=', '(', ')', '{', '}', '[', ']', '"', '\'':
			if o.i == start {
				o.i++ // a stray separator
			}
			return o.s[start:o.i]
		}
		o.i++
	}
	return o.s[start:]
}

// colon skips a ':' or '=' after a name and reports whether there was one.
func (o *objText) colon() bool {
	for o.i < len(o.s) {
		switch o.s[o.i] {
		case ' ', '\n', '\t', '\r':
			o.i++
		case ':', '=':
			o.i++
			return true
		default:
			return false
		}
	}
	return false
}
