package attempt

// Reduce finds the attempts in complete traces.
func Reduce(t Trace, cfg Config) Result { return Result{} }
