package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/pflag"

	"zksim/sim"
)

// Widths of a text timeline, in columns.
const (
	defaultWidth = 100
	minWidth     = 60
	maxWidth     = 100
)

var colors = []string{"auto", "always", "never"}

// A look is how text is to be printed: what the user asked, and what the
// terminal can do.
type look struct {
	width int
	ascii bool
	color string
	// client is whose story is told; empty leaves the choice to the timeline.
	client string
}

func (l *look) flags(f *pflag.FlagSet) {
	f.IntVar(&l.width, "width", 0, "columns of text, 60 to 100 (default: the terminal's, else 100)")
	f.BoolVar(&l.ascii, "ascii", false, "plain ASCII only (default where the terminal's locale is not UTF-8)")
	f.StringVar(&l.client, "client", "", "whose story the text tells (default: the first owner of a node to which something happens)")
	f.StringVar(&l.color, "color", "auto", "auto: on a terminal, unless NO_COLOR is set; always; never")
}

func (l *look) check() error {
	if l.width != 0 && (l.width < minWidth || l.width > maxWidth) {
		return unusable("--width %d: want %d to %d", l.width, minWidth, maxWidth)
	}
	if slices.Contains(colors, l.color) {
		return nil
	}
	return unusable("--color %s: want auto, always or never", l.color)
}

// checkClient refuses a story of nobody before anything is played.
func (l *look) checkClient(s *sim.Scenario) error {
	if l.client == "" {
		return nil
	}
	clients := clientNames(s)
	if slices.Contains(clients, l.client) {
		return nil
	}
	what := "no client of that name"
	if nodes, err := s.Resolve([]string{l.client}); err == nil {
		switch servers := s.Ensemble.Servers + s.Ensemble.Observers; {
		case len(nodes) > 1:
			what = fmt.Sprintf("a group of %d nodes", len(nodes))
		case int(nodes[0]) < servers:
			what = "a server"
		case int(nodes[0]) >= servers+len(clients):
			what = "a resource"
		default:
			return nil // a group of one
		}
	}
	if n := len(clients); n > 8 {
		return unusable("--client %s: %s; want one client, %s to %s", l.client, what, clients[0], clients[n-1])
	}
	return unusable("--client %s: %s; want one client of %s", l.client, what, strings.Join(clients, ", "))
}

// clientNames lists the clients of a scenario.
func clientNames(s *sim.Scenario) []string {
	nodes := s.Nodes()
	return nodes[s.Ensemble.Servers+s.Ensemble.Observers : len(nodes)-len(s.Resources)]
}

// options decides how text is printed. What goes anywhere but to a terminal
// does not depend on the surroundings.
func (l *look) options(stdout io.Writer, toFile bool) sim.TextOptions {
	o := sim.TextOptions{Width: l.width, ASCII: l.ascii, Color: l.color == "always", Client: l.client}
	file, ok := stdout.(*os.File)
	if !ok || toFile || !term.IsTerminal(file.Fd()) {
		if o.Width == 0 {
			o.Width = defaultWidth
		}
		return o
	}
	if o.Width == 0 {
		o.Width = terminalWidth(file)
	}
	o.ASCII = o.ASCII || !localeIsUTF8()
	if l.color == "auto" {
		o.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return o
}

func terminalWidth(file *os.File) int {
	width, _, err := term.GetSize(file.Fd())
	if columns, convErr := strconv.Atoi(os.Getenv("COLUMNS")); err != nil && convErr == nil {
		width, err = columns, nil
	}
	if err != nil || width <= 0 {
		return defaultWidth
	}
	return min(max(width, minWidth), maxWidth)
}

// localeIsUTF8 follows POSIX: the first of these variables that is set counts.
// Windows has none of them and prints UTF-8.
func localeIsUTF8() bool {
	if runtime.GOOS == "windows" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// printRemark says something on the side that is no error.
func printRemark(stderr io.Writer, remark string) { fmt.Fprintf(stderr, "zksim: note: %s\n", remark) }
