package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"zksim/experiments"
	"zksim/plots"
)

// A figureRequest is a figure that a command was asked for besides what it does.
type figureRequest struct {
	kind   *plots.Kind
	file   string
	format string
}

// defaultLook is that of a figure straight from a command.
var defaultLook = plots.Look{Theme: plots.Themes()[0], Size: plots.Sizes()[0]}

// askFigure checks that a figure can be written into a file, before there is anything to
// draw. That it is there already shows before the work as well.
func askFigure(flag string, kind *plots.Kind, file string, force bool) (figureRequest, error) {
	f := figureRequest{kind: kind, file: file}
	var err error
	if f.format, err = plots.Format(file); err != nil {
		return f, unusable("%s %w", flag, err)
	}
	info, err := os.Stat(file)
	switch {
	case err == nil && info.IsDir():
		return f, unusable("%s %s: a directory; want a file", flag, file)
	case err == nil && info.Mode().IsRegular() && !force:
		return f, unusable("%s %s: the file exists; give another name, or --force to overwrite it", flag, file)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return f, unusable("%s %s: %s", flag, file, reason(err))
	}
	return f, nil
}

// draw reads what the figure shows, writes it, and says its finding.
func (f *figureRequest) draw(q *plots.Query, look plots.Look, force bool, stdout io.Writer) error {
	figure, err := f.kind.Read(q)
	if err != nil {
		return usageError{err}
	}
	file := figureFile{f.file, f.format, force, look}
	return file.draw(figure, stdout)
}

// sweepFigures reads --plot KIND=FILE of a sweep, each.
func sweepFigures(asked []string, force bool) (figures []figureRequest, err error) {
	var files []string
	for _, a := range asked {
		name, file, ok := strings.Cut(a, "=")
		if !ok {
			return nil, unusable("--plot %s: want KIND=FILE, as in sweep=crash.svg", a)
		}
		kind, err := plots.FindKind(name)
		if err != nil {
			return nil, unusable("--plot %s: %w", a, err)
		}
		if !kind.OfSweep() {
			return nil, unusable("--plot %s: is drawn of %s; want one of %s", a, kind.Input, strings.Join(sweepKinds(), ", "))
		}
		if slices.Contains(files, file) {
			return nil, unusable("--plot %s: two figures into one file", a)
		}
		files = append(files, file)
		f, err := askFigure("--plot", kind, file, force)
		if err != nil {
			return nil, err
		}
		figures = append(figures, f)
	}
	return figures, nil
}

// sweepKinds names the figures that a sweep can have.
func sweepKinds() (names []string) {
	for _, k := range plots.Kinds {
		if k.OfSweep() {
			names = append(names, k.Name)
		}
	}
	return names
}

// metricsOf are the metrics of a sweep with those that figures need besides.
func metricsOf(metrics []string, figures []figureRequest) []string {
	for _, f := range figures {
		for _, m := range f.kind.Metrics {
			if len(metrics) == 0 {
				metrics = []string{experiments.DefaultMetric}
			}
			if !slices.Contains(metrics, m) {
				metrics = append(slices.Clone(metrics), m)
			}
		}
	}
	return metrics
}

// checkFigures says before a sweep is played what its figures would say after it.
func checkFigures(figures []figureRequest, p *experiments.Plan) error {
	for _, f := range figures {
		if err := f.kind.Fits(p, &plots.Query{Input: p.Spec.Name}); err != nil {
			return unusable("--plot %s=%s: %w\n(or keep the results with -o, and draw with zksim plot %s)", f.kind.Name, f.file, err, f.kind.Name)
		}
	}
	return nil
}
