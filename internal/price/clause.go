package price

// Op is the kind of a clause.
type Op uint8

const (
	OpEquals Op = iota
	OpStartsWith
	OpEndsWith
	OpContains
	OpRegex // RE2, unanchored, case as written
	OpAny   // one of Sub
	OpAll   // all of Sub
	OpNot   // not Sub[0]
)

// Clause is a condition on the spelling of a model id. Literals ignore case. A
// literal never ends inside a version: starts_with "claude-sonnet-5" does not
// take "claude-sonnet-5-5", while dates and revisions may follow.
type Clause struct {
	Op   Op
	Text string   // literal or expression
	Sub  []Clause // of OpAny, OpAll, OpNot
}

// Equals holds for one spelling.
func Equals(s string) Clause { return Clause{Op: OpEquals, Text: s} }

// StartsWith holds for ids that begin with the literal.
func StartsWith(s string) Clause { return Clause{Op: OpStartsWith, Text: s} }

// EndsWith holds for ids that end with the literal.
func EndsWith(s string) Clause { return Clause{Op: OpEndsWith, Text: s} }

// Contains holds for ids that contain the literal.
func Contains(s string) Clause { return Clause{Op: OpContains, Text: s} }

// Regex holds for ids that an RE2 expression finds a match in.
func Regex(s string) Clause { return Clause{Op: OpRegex, Text: s} }

// Any holds where one of the clauses does.
func Any(c ...Clause) Clause { return Clause{Op: OpAny, Sub: c} }

// All holds where all of the clauses do.
func All(c ...Clause) Clause { return Clause{Op: OpAll, Sub: c} }

// Not holds where the clause does not.
func Not(c Clause) Clause { return Clause{Op: OpNot, Sub: []Clause{c}} }
