// Package llmspan is the only package that knows attribute keys and pdata:
// it turns spans of any dialect into [llm.Call] values, writes verdicts on
// spans and reads them back.
//
// Reading is one pass over the attributes. Every key of every dialect is a
// row of a table (one file per dialect) that says which slot it fills, how
// its value is spelled and how much it is to be trusted against other names
// of the same thing; after the pass a few steps look at the slots only:
// what the span is to the books (role.go), what was used (usage.go), how it
// ended (failed.go), what it says of attempts (evidence.go). Aliases are
// never added together: the better name wins.
//
// Nothing here keeps or returns a prompt, a completion, a status message or
// an exception text.
package llmspan
