package plots

import (
	"slices"
	"testing"

	"gonum.org/v1/plot/vg"
)

func TestLongNamesKeepWhatTellsThemApart(t *testing.T) {
	p, err := newPage(Look{"light", "single"}, "svg")
	if err != nil {
		t.Fatal(err)
	}
	s := style{size: p.label}
	for _, c := range []struct {
		width       vg.Length
		names, want []string
	}{
		{40, []string{"java", "go"}, []string{"java", "go"}},
		{40, []string{"version 10 of a library", "version 11 of a library", "version 2 of a library"}, []string{"version 10…", "version 11…", "version 2…"}},
		{25, []string{"version 10 of a library", "version 11 of a library", "version 2 of a library"}, []string{"…10…", "…11…", "…2…"}},
		{40, []string{"a long name of the one, 1.5s", "a long name of the one, 2.5s"}, []string{"…one, 1.5s", "…one, 2.5s"}},
		{40, []string{"a long name of the one", "a long name of the one, again"}, []string{"…one", "…one, again"}},
		{40, []string{"überlang und noch länger", "überlang und noch höher"}, []string{"…länger", "…höher"}},
	} {
		got := p.shorten(c.names, c.width, s)
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.names, got, c.want)
		}
		for _, n := range got {
			if s.width(n) > c.width {
				t.Errorf("%q is wider than asked", n)
			}
		}
	}
}
