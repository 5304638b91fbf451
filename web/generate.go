//go:build ignore

// Generate builds the engine for the browser into web/dist, from where a build with the
// tag "site" takes it, or into the directory that is named. The same sources give the same bytes with the same Go release.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate() error {
	dist := "dist"
	if len(os.Args) > 1 {
		dist = os.Args[1]
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	wasm := filepath.Join(dist, "zksim.wasm")
	// Without inlining the packed engine is a sixth smaller and hardly slower.
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-gcflags=all=-l", "-ldflags", "-s -w", "-o", wasm, "./wasm")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOWASM=", "GOFLAGS=", "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("go build ./wasm: %w", err)
	}
	defer os.Remove(wasm)
	text, err := os.ReadFile(wasm)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	glue, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return err
	}
	fmt.Printf("zksim.wasm.gz: %d bytes (%d unpacked)\n", packed.Len(), len(text))
	if err := write(filepath.Join(dist, "wasm_exec.js"), glue); err != nil {
		return err
	}
	return write(filepath.Join(dist, "zksim.wasm.gz"), packed.Bytes())
}

// write makes a file appear whole or not at all.
func write(name string, text []byte) error {
	if err := os.WriteFile(name+".new", text, 0o644); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
