//go:build !js

package web

import (
	_ "embed"
	"errors"
	"fmt"
	"html"
	"slices"
	"strings"
)

//go:generate go run generate.go

//go:embed wasm/worker.js
var worker []byte

// SiteBuild is what builds a program that can write the site.
const SiteBuild = "make site"

// ErrNoSite is that the program was built without the engine for the browser.
var ErrNoSite = fmt.Errorf("this zksim was built without the engine for the browser; want one of a release, or in a checkout: %s", SiteBuild)

// A File is one file of the site.
type File struct {
	Name string // without folders
	Text []byte
}

// Site is the page with its own engine, for any server of files. The error is [ErrNoSite]
// in a program that was built without it.
func Site() ([]File, error) {
	if len(builtEngine) == 0 {
		return nil, ErrNoSite
	}
	return siteOf(builtEngine, builtGlue)
}

// siteOf puts an engine beside the page.
func siteOf(engine, glue []byte) ([]File, error) {
	all := pageAssets()
	page, err := withEngine(index(all), "wasm")
	if err != nil {
		return nil, err
	}
	// There is no telling what headers the server will send.
	const charset = `<meta charset="utf-8">`
	if !strings.Contains(string(page), charset) {
		return nil, errors.New("the page does not say " + charset)
	}
	meta := fmt.Sprintf("%s\n<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">", charset, html.EscapeString(policy(page, "'wasm-unsafe-eval'")))
	page = []byte(strings.Replace(string(page), charset, meta, 1))
	var files []File
	for name, a := range all {
		if name == "index.html" {
			a.text = page
		}
		files = append(files, File{name, a.text})
	}
	files = append(files, File{"worker.js", worker}, File{"wasm_exec.js", glue}, File{"zksim.wasm.gz", engine})
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files, nil
}
