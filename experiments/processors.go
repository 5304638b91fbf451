package experiments

import "runtime"

// processors is how many goroutines can compute at once.
func processors() int { return runtime.GOMAXPROCS(0) }
