// Command zksim plays scenarios of ZooKeeper session expiry on a virtual clock
// and shows who knew what when.
package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// grace is how long an interrupted command may take to end by itself.
const grace = 700 * time.Millisecond

// patient is set by a command that finishes something first when it is interrupted. A
// second signal cuts it off all the same.
var patient atomic.Bool

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		// What cannot be interrupted, such as waiting for standard input, is cut off.
		<-ctx.Done()
		if patient.Load() {
			again := make(chan os.Signal, 1)
			signal.Notify(again, os.Interrupt, syscall.SIGTERM)
			<-again
		} else {
			time.Sleep(grace)
		}
		removeUnfinished()
		os.Exit(exitInterrupted)
	}()
	os.Exit(finish(ctx, stop))
}

// finish runs the program and gives signals back their usual meaning.
func finish(ctx context.Context, stop func()) int {
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if ctx.Err() == nil {
		// The context is left alone: ending it would start the countdown above.
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		return code
	}
	stop()
	return code
}
