package conformance

import (
	"strings"

	"zksim/model"
)

// A ledLibrary says how the recordings of one client library tell what its machine
// does.
type ledLibrary struct {
	names []string // in the headers of recordings
	// model is the library's name in the model, and version the field of the header
	// that has its version.
	model, version string
	// failures says that the recorder logs attempts that are refused and connections
	// that are lost; where it does not, nothing is compared.
	failures func(header *Client) bool
}

var ledLibraries = [...]ledLibrary{
	{names: []string{"java", "java39"}, model: "java", version: "zk", failures: func(h *Client) bool { return h.Library != "java" }},
}

// ledLibraryOf finds the row of a recorded client and its library in the model; nil
// where the model has none.
func ledLibraryOf(h *Client) (*ledLibrary, *model.Library) {
	for i := range ledLibraries {
		l := &ledLibraries[i]
		for _, name := range l.names {
			if name != h.Library {
				continue
			}
			text := h.Version.Text(l.version)
			if end := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); end >= 0 {
				text = text[:end]
			}
			if found, err := model.FindLibrary(l.model, text); err == nil && text != "" {
				return l, found
			}
		}
	}
	return nil, nil
}
