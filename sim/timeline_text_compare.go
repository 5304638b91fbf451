package sim

import (
	"fmt"
	"io"
	"strings"
	"time"

	"zksim/clock"
)

// A ComparisonRow is one instant as the model predicts it beside the same instant
// as it was recorded. Instants are relative to a zero that the caller chooses;
// nil means that there is none on that side.
type ComparisonRow struct {
	What                string
	Predicted, Recorded *clock.Instant
	Rule                string
	Remark              string
}

// WriteComparison writes instants in two columns, how far they lie apart
// (recorded minus predicted, in milliseconds), and the rule that each follows.
// Remarks stand behind the rules where there is room, else below their row.
func WriteComparison(w io.Writer, rows []ComparisonRow, opts TextOptions) error {
	p := newPage(opts)
	const (
		numbers     = 10 // columns of an instant
		apartColumn = 9
		ruleColumn  = 7
		leastRemark = 24
	)
	name := columns("instant")
	for i := range rows {
		name = max(name, columns(singleWidth(rows[i].What)))
	}
	name = min(name, p.width-2*numbers-apartColumn-ruleColumn-2)
	predictedAt := 1 + name
	recordedAt := predictedAt + numbers
	deltaAt := recordedAt + numbers
	ruleAt := deltaAt + apartColumn + 2
	remarkAt := ruleAt + ruleColumn
	below := p.width-remarkAt < leastRemark
	if below {
		remarkAt = 4
	}

	head := p.row()
	head.put(predictedAt, roleNone, padLeft("predicted", numbers))
	head.put(recordedAt, roleNone, padLeft("recorded", numbers))
	head.put(deltaAt, roleNone, padLeft("apart", apartColumn))
	head.put(ruleAt, roleNone, "rule")
	p.add(head)
	for i := range rows {
		r := &rows[i]
		names := wrap(singleWidth(r.What), name)
		var remarks []string
		if r.Remark != "" {
			remarks = wrap(singleWidth(r.Remark), p.width-remarkAt)
		}
		behind := remarks
		if below {
			behind = nil
		}
		for k := range max(len(names), len(behind)) {
			c := p.row()
			if k < len(names) {
				c.put(1, roleNone, names[k])
			}
			if k < len(behind) {
				c.put(remarkAt, roleNone, behind[k])
			}
			if k == 0 {
				c.put(predictedAt, roleNone, padLeft(instantOrNone(r.Predicted), numbers))
				c.put(recordedAt, roleNone, padLeft(instantOrNone(r.Recorded), numbers))
				c.put(deltaAt, roleNone, padLeft(apart(r.Predicted, r.Recorded), apartColumn))
				c.put(ruleAt, roleNone, r.Rule)
			}
			p.add(c)
		}
		if below {
			for _, line := range remarks {
				c := p.row()
				c.put(remarkAt, roleNone, line)
				p.add(c)
			}
		}
	}
	return p.flush(w)
}

// WriteParagraphs writes sentences, each wrapped to the width of the text and with
// the given prefix; what is wrapped is indented by three columns more.
func WriteParagraphs(w io.Writer, opts TextOptions, prefix string, paragraphs ...string) error {
	p := newPage(opts)
	indent := strings.Repeat(" ", columns(prefix)+3)
	for _, paragraph := range paragraphs {
		for i, line := range wrap(singleWidth(paragraph), p.width-columns(indent)) {
			if i == 0 {
				p.line(roleNone, prefix+line)
			} else {
				p.line(roleNone, indent+line)
			}
		}
	}
	return p.flush(w)
}

func instantOrNone(at *clock.Instant) string {
	if at == nil {
		return "none"
	}
	return seconds(roundMillis(time.Duration(*at)))
}

// apart is how much later the recorded instant came, computed from what is
// printed.
func apart(predicted, recorded *clock.Instant) string {
	if predicted == nil || recorded == nil {
		return ""
	}
	d := roundMillis(time.Duration(*recorded)) - roundMillis(time.Duration(*predicted))
	sign := "+"
	switch {
	case d < 0:
		sign, d = "−", -d
	case d == 0:
		sign = ""
	}
	return fmt.Sprintf("%s%d ms", sign, d)
}
