package llmspan

// ContentKey keys content fingerprints.
type ContentKey [16]byte
