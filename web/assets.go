//go:build !js

package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"regexp"
	"strings"
)

//go:embed page
var pageFiles embed.FS

// An asset is a file of the page.
type asset struct {
	media string
	text  []byte
}

// media are the types of the page's files. The machine's own table may say otherwise.
var media = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json", ".png": "image/png", ".wasm": "application/wasm", ".gz": "application/gzip", ".txt": "text/plain; charset=utf-8",
}

// pageAssets are the files of the page by their names below its address.
func pageAssets() map[string]asset {
	all := map[string]asset{}
	err := fs.WalkDir(pageFiles, "page", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := pageFiles.ReadFile(name)
		all[strings.TrimPrefix(name, "page/")] = asset{mediaOf(name), text}
		return err
	})
	if err != nil {
		panic(fmt.Sprintf("web: the page in the program: %v", err))
	}
	return all
}

func mediaOf(name string) string {
	if m := media[path.Ext(name)]; m != "" {
		return m
	}
	return mime.TypeByExtension(path.Ext(name))
}

var importMap = regexp.MustCompile(`(?s)<script type="importmap">(.*?)</script>`)

// policy is the content security policy of the page: its own files, the one inline script
// that it has, which is its import map, and nothing of any other host. Further is what a
// page with its own engine needs besides.
func policy(index []byte, further string) string {
	scripts := "'self'"
	for _, m := range importMap.FindAllSubmatch(index, -1) {
		sum := sha256.Sum256(m[1])
		scripts += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src " + strings.TrimSpace(scripts+" "+further),
		"style-src 'self'",
		"img-src 'self' data: blob:",
		"connect-src 'self'",
		"worker-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
	}, "; ")
}

// index is the page itself.
func index(all map[string]asset) []byte { return all["index.html"].text }

// withEngine is the page with another engine than that of a server.
func withEngine(page []byte, engine string) ([]byte, error) {
	const http = `<meta name="zksim-engine" content="http">`
	if bytes.Count(page, []byte(http)) != 1 {
		return nil, fmt.Errorf("the page does not say %s once", http)
	}
	return bytes.Replace(page, []byte(http), []byte(strings.Replace(http, "http", engine, 1)), 1), nil
}
