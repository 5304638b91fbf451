package plots

import (
	"slices"
	"testing"
)

func TestLongNamesKeepWhatTellsThemApart(t *testing.T) {
	p, err := newPage(Look{"light", "single"}, "svg")
	if err != nil {
		t.Fatal(err)
	}
	s := style{size: p.label}
	for _, c := range []struct{ names, want []string }{
		{[]string{"java", "go"}, []string{"java", "go"}},
		{[]string{"version 10 of a library", "version 11 of a library", "version 2 of a library"}, []string{"…10…", "…11…", "…2…"}},
		{[]string{"a long name of the one, 1.5s", "a long name of the one, 2.5s"}, []string{"…1.5s", "…2.5s"}},
		{[]string{"a long name of the one", "a long name of the one, again"}, []string{"…one", "…one, again"}},
		{[]string{"überlang und noch länger", "überlang und noch höher"}, []string{"…länger", "…höher"}},
	} {
		got := p.shorten(c.names, 40, s)
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.names, got, c.want)
		}
		for _, n := range got {
			if s.width(n) > 40 {
				t.Errorf("%q is wider than asked", n)
			}
		}
	}
}
