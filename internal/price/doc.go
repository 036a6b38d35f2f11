// Package price is the price book: it turns the usage of one call into an
// exact, explained cost, or says why it cannot.
//
// A [Table] is what every catalogue format compiles to: rows of plain data, in
// order. A [Book] is built once from layers of tables (overrides, then user
// catalogues, then the embedded default) and never changes; a reload builds
// another. [Book.Cost] prices a call at the time of the call:
//
//	identity   the model's spellings are tried from the most to the least
//	           specific; an id that no row claims stays unpriced
//	entry      the last dated entry of the row that holds at that time
//	variant    the service tier that was served, where it has prices
//	context    total input, cached included, strictly above a threshold
//	           selects the threshold's rates for the whole request
//	buckets    each token once, at its most specific priced bucket
//	uplifts    geography and time of day, on tokens only
//	contract   exactly one, on list
//
// The rules are those of reference pricing sections 3 and 4.
package price
