package main

import (
	"fmt"
	"io"
	"math"
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
	if !drawsBars(stderr) {
		return p
	}
	p.bars = mpb.New(mpb.WithOutput(stderr), mpb.WithWidth(40))
	var style mpb.BarFillerBuilder = mpb.BarStyle()
	if plan.Spec.Until != nil {
		style = mpb.NopStyle() // nobody knows how many it will be
	}
	// What is in front keeps its width, or the bar would jump.
	counted := decor.Any(func(decor.Statistics) string { return plan.Spec.Name + " " + p.aligned() })
	paced := decor.Any(func(decor.Statistics) string { return " " + p.pace(time.Now()) })
	p.bar = p.bars.New(0, style, mpb.PrependDecorators(counted), mpb.AppendDecorators(paced))
	return p
}

// drawsBars says whether there is a terminal on which a line can be drawn again and again.
func drawsBars(stderr io.Writer) bool {
	file, ok := stderr.(*os.File)
	if !ok || !term.IsTerminal(file.Fd()) || os.Getenv("TERM") == "dumb" {
		return false
	}
	width, _, err := term.GetSize(file.Fd())
	return err == nil && width > 0
}

// show takes note of a chunk.
func (p *progress) show(now experiments.Progress) {
	p.mutex.Lock()
	p.latest = now
	silent := p.bar != nil || time.Since(p.printed) < plainEvery
	if !silent {
		p.printed = time.Now()
	}
	p.mutex.Unlock()
	if p.bar != nil {
		p.bar.SetTotal(max(now.Total, now.Runs), false)
		p.bar.SetCurrent(now.Runs)
	}
	if !silent {
		fmt.Fprintf(p.stderr, "zksim: %s, %s\n", p.state(), p.pace(time.Now()))
	}
}

// words says how far it is.
func (p *progress) words() string {
	if p.latest.Total == 0 {
		return fmt.Sprintf("%d runs", p.latest.Runs)
	}
	return fmt.Sprintf("%d of %d runs", p.latest.Runs, p.latest.Total)
}

// aligned says the same, as wide as it will be at the end.
func (p *progress) aligned() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	text := p.words()
	all := progress{latest: experiments.Progress{Runs: p.latest.Total, Total: p.latest.Total}}
	return fmt.Sprintf("%*s", len(all.words()), text)
}

// pace says how fast it goes, not counting what was there before, and how long it will
// take.
func (p *progress) pace(now time.Time) string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	rate := float64(p.latest.Runs-p.latest.Kept) / max(now.Sub(p.began), time.Millisecond).Seconds()
	text := fmt.Sprintf("%.0f/s", rate)
	if left := p.latest.Total - p.latest.Runs; left > 0 && rate > 0 {
		text += ", " + remaining(float64(left)/rate) + " left"
	}
	return text
}

// remaining writes so many seconds, the less exactly the more there are.
func remaining(seconds float64) string {
	switch {
	case seconds < 99.5:
		return fmt.Sprintf("%.0f s", math.Ceil(seconds))
	case seconds < 99.5*60:
		return fmt.Sprintf("%.0f min", math.Ceil(seconds/60))
	}
	return fmt.Sprintf("%.0f h", math.Ceil(seconds/3600))
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
