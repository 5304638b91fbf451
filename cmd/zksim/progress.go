package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"zksim/experiments"
)

// plainEvery is how often a line is printed where there is no terminal.
const plainEvery = 10 * time.Second

// A progress shows how far a sweep has come: a bar on a terminal, a line now and then
// elsewhere.
type progress struct {
	stderr io.Writer
	bars   *mpb.Progress // nil where there is no terminal
	bar    *mpb.Bar

	mutex   sync.Mutex
	latest  experiments.Progress
	began   time.Time
	printed time.Time
}

func newProgress(plan *experiments.Plan, stderr io.Writer) *progress {
	p := &progress{stderr: stderr, began: time.Now(), printed: time.Now()}
	if file, ok := stderr.(*os.File); ok && term.IsTerminal(file.Fd()) && os.Getenv("TERM") != "dumb" {
		p.bars = mpb.New(mpb.WithOutput(stderr), mpb.WithWidth(40))
		p.bar = p.bars.AddBar(0,
			mpb.PrependDecorators(decor.Name(plan.Spec.Name+" "), decor.CountersNoUnit("%d of %d runs")),
			mpb.AppendDecorators(decor.AverageSpeed(0, " %.0f/s"), decor.OnComplete(decor.AverageETA(decor.ET_STYLE_GO, decor.WC{W: 8}), "")))
	}
	return p
}

// show takes note of a chunk.
func (p *progress) show(now experiments.Progress) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.latest = now
	if p.bar != nil {
		p.bar.SetTotal(max(now.Total, now.Runs), false)
		p.bar.SetCurrent(now.Runs)
		return
	}
	if time.Since(p.printed) < plainEvery {
		return
	}
	p.printed = time.Now()
	rate := float64(now.Runs-now.Kept) / time.Since(p.began).Seconds()
	left := ""
	if now.Total > 0 && rate > 0 {
		left = fmt.Sprintf(", %s left", time.Duration(float64(now.Total-now.Runs)/rate*float64(time.Second)).Round(time.Second))
	}
	fmt.Fprintf(p.stderr, "zksim: %s, %.0f/s%s\n", p.words(), rate, left)
}

// words says how far it is.
func (p *progress) words() string {
	if p.latest.Total == 0 {
		return fmt.Sprintf("%d runs", p.latest.Runs)
	}
	return fmt.Sprintf("%d of %d runs", p.latest.Runs, p.latest.Total)
}

// state is words for the end.
func (p *progress) state() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.words()
}

// remark prints something on the side without spoiling the bar.
func (p *progress) remark(text string) {
	if p.bars == nil {
		printRemark(p.stderr, text)
		return
	}
	fmt.Fprintf(p.bars, "zksim: note: %s\n", text)
}

func (p *progress) close() {
	if p.bars == nil {
		return
	}
	p.bar.Abort(false)
	p.bars.Wait()
}
