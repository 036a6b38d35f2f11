// Package fleet turns the ways a span may name a model into one identity: who
// made it, what it is, where it was served, and whether it is what was asked for.
//
// [Resolver.Resolve] is the way in. An id goes through one pipeline (clean,
// unwrap, route prefix, geo prefix, vendor prefix, variant, revision, snapshot,
// name) whose rules are tables in this package; nothing is matched by prefix
// across a version digit, and what is not understood is kept, not guessed.
//
// What a model costs is not known here, and what a catalogue knows about its
// life comes in through [Source].
package fleet
