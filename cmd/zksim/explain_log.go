package main

import (
	"bytes"
	"io"
	"strings"

	"zksim/sim"
	"zksim/teach"
)

// explainLogLine says what a line of a log means.
func explainLogLine(q *explainRequest, stdout io.Writer) error {
	if q.format != "text" && q.format != "json" {
		return unusable("--format %s: want text or json", q.format)
	}
	if err := q.look.check(); err != nil {
		return err
	}
	m, err := teach.ExplainLogLine(q.logLine)
	if err != nil {
		return unusable("--log-line: %w", err)
	}
	out, err := createOutput(q.output, q.force, stdout)
	if err != nil {
		return err
	}
	defer out.discard()
	if q.format == "json" {
		err = writeJSON(out, m)
	} else {
		err = writeLogMeaning(out, m, q.look.options(stdout, out.toFile()))
	}
	if err != nil {
		return err
	}
	return out.commit()
}

// writeLogMeaning writes the readings of a line for people.
func writeLogMeaning(w io.Writer, m *teach.LogMeaning, opts sim.TextOptions) error {
	var b bytes.Buffer
	err := sim.WriteParagraphs(&b, opts, " ", m.Line, "Logged by "+m.By+".")
	for _, r := range m.Readings {
		if err != nil {
			return err
		}
		b.WriteByte('\n')
		indent := " "
		if r.When != "" {
			if err := sim.WriteParagraphs(&b, opts, " ", strings.ToUpper(r.When[:1])+r.When[1:]+":"); err != nil {
				return err
			}
			indent = "   "
		}
		err = sim.WriteParagraphs(&b, opts, indent, append(r.Words, "Rules: "+strings.Join(r.Rules, ", "))...)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}
