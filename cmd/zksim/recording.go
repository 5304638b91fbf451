package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"zksim/conformance"
	"zksim/sim"
)

// playRecording plays the configuration and the faults of a recording, and
// writes what really happened beside what the run did.
func playRecording(ctx context.Context, q *runRequest, format *sim.TimelineFormat, path string, stdout, stderr io.Writer) error {
	if len(q.sets) > 0 {
		return unusable("--set %s: a recording's configuration is what it was; --set changes scenarios", q.sets[0])
	}
	traces, err := conformance.ReadFile(path)
	if err != nil {
		return usageError{err}
	}
	trace, err := pickRecording(traces, path, q.id)
	if err != nil {
		return err
	}
	for _, u := range trace.Unknown {
		printRemark(stderr, u.String())
	}
	plan, err := conformance.Scenario(trace)
	if err != nil {
		return usageError{err}
	}
	if err := q.look.checkClient(plan.Scenario); err != nil {
		return err
	}
	out, err := createOutput(q.output, q.force, stdout)
	if err != nil {
		return err
	}
	defer out.discard()
	opts := q.look.options(stdout, out.toFile())
	if opts.Client == "" {
		opts.Client = conformance.Victim
	}
	witness := plan.Witness()
	if err := play(ctx, plan.Scenario, q, format, out, opts, witness); err != nil {
		return err
	}
	comparison := plan.Compare(witness)
	if format.Name != "text" {
		printRemark(stderr, trace.Header.ID+": "+comparison.Verdict())
		return out.commit()
	}
	if err := writeComparison(out, trace, plan, comparison, opts); err != nil {
		return err
	}
	return out.commit()
}

// writeComparison writes what really happened beside what the run did, and what the
// run was told of the recording.
func writeComparison(out io.Writer, trace *conformance.Trace, plan *conformance.Plan, comparison *conformance.Comparison, opts sim.TextOptions) error {
	fmt.Fprintln(out)
	err := sim.WriteParagraphs(out, opts, "", fmt.Sprintf("Predicted beside recorded: %s, seconds since the fault", trace.Header.ID))
	if err != nil {
		return err
	}
	fmt.Fprintln(out)
	if err := sim.WriteComparison(out, comparison.Table(), opts); err != nil {
		return err
	}
	fmt.Fprintln(out)
	notes := []string{comparison.Verdict()}
	for _, in := range plan.Inputs {
		notes = append(notes, "taken from the recording: "+strings.ReplaceAll(in, " -", " \u2212")) // the table's minus
	}
	return sim.WriteParagraphs(out, opts, " ", notes...)
}

// pickRecording finds the one that is meant. A file of one needs no --id.
func pickRecording(traces []*conformance.Trace, path, id string) (*conformance.Trace, error) {
	switch {
	case id != "":
		t, err := conformance.Pick(traces, id)
		if err != nil {
			return nil, usageError{fmt.Errorf("%s: --id: %w", path, err)}
		}
		return t, nil
	case len(traces) == 1:
		return traces[0], nil
	case len(traces) == 0:
		return nil, unusable("%s: no recording in it", path)
	}
	list := ""
	for i, t := range traces {
		if i == 10 {
			list += fmt.Sprintf("\n  and %d more; zksim run %s --list names all", len(traces)-i, path)
			break
		}
		list += "\n  " + t.Short()
	}
	return nil, unusable("%s: %d recordings; pick one with --id, as in --id %s:%s", path, len(traces), traces[0].Header.ID, list)
}

// listRecordings names every recording of a file, one a line.
func listRecordings(path string, stdout io.Writer) error {
	traces, err := conformance.ReadFile(path)
	if err != nil {
		return usageError{err}
	}
	out := bufio.NewWriter(stdout)
	for _, t := range traces {
		fmt.Fprintln(out, t.Short())
	}
	return out.Flush()
}
