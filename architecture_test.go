package zksim

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The order of the packages: a package may import what stands further left.
// conformance, docs and web stand beside the chain: web draws nothing, and plots serves
// nothing.
var order = []string{"prefetch", "clock", "model", "sim", "experiments", "teach", "plots", "cmd/zksim"}

// beside lists what packages outside the chain may import.
var beside = map[string][]string{
	"conformance": {"clock", "model", "sim", "experiments"},
	"docs":        {},
	"web":         {"clock", "model", "sim", "experiments", "teach", "docs"},
	"web/wasm":    {"web"},
}

// extra is what a package of the chain may import besides what stands left of it.
var extra = map[string][]string{
	"teach":     {"docs"},
	"cmd/zksim": {"conformance", "docs", "web"},
}

func allowed(pkg, imported string) bool {
	if list, ok := beside[pkg]; ok {
		return slices.Contains(list, imported)
	}
	at := slices.Index(order, pkg)
	return at >= 0 && (slices.Contains(order[:at], imported) || slices.Contains(extra[pkg], imported))
}

func TestPackagesImportOnlyWhatStandsToTheirLeft(t *testing.T) {
	eachFile(t, func(pkg, path string, file *ast.File) {
		for _, imp := range file.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			inner, ours := strings.CutPrefix(name, "zksim/")
			if ours && !allowed(pkg, inner) {
				t.Errorf("%s: package %s imports %s", path, pkg, inner)
			}
		}
	})
}

// TestOnlyPlotsKnowsTheCanvas keeps fonts and images out of everything that plays, and so
// out of a build for the browser.
func TestOnlyPlotsKnowsTheCanvas(t *testing.T) {
	found := 0
	eachFile(t, func(pkg, path string, file *ast.File) {
		for _, imp := range file.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			if !strings.HasPrefix(name, "gonum.org/v1/plot") && !strings.HasPrefix(name, "golang.org/x/image") && !strings.HasPrefix(name, "codeberg.org/") {
				continue
			}
			if found++; pkg != "plots" {
				t.Errorf("%s imports %s", path, name)
			}
		}
	})
	if found == 0 {
		t.Error("no import of the canvas found: this test looks for the wrong thing")
	}
}

// TestCoreHasNoClockNoChanceNoGoroutines keeps determinism by construction: no
// wall clock, no package-level random source, no goroutine in clock, model and
// sim.
func TestCoreHasNoClockNoChanceNoGoroutines(t *testing.T) {
	forbidden := map[string][]string{
		"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
	}
	eachFile(t, func(pkg, path string, file *ast.File) {
		if !slices.Contains([]string{"clock", "model", "sim"}, pkg) {
			return
		}
		for _, imp := range file.Imports {
			if name, _ := strconv.Unquote(imp.Path.Value); name == "math/rand" || name == "math/rand/v2" || name == "crypto/rand" || name == "sync" {
				t.Errorf("%s imports %s", path, name)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s starts a goroutine", path)
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && slices.Contains(forbidden[x.Name], n.Sel.Name) {
					t.Errorf("%s uses %s.%s", path, x.Name, n.Sel.Name)
				}
			}
			return true
		})
	})
}

// TestCoreNeverRangesOverAMap keeps map order out of every run: no range over a
// struct's field, by its name within the package, or over a parameter that is
// declared with a map type.
func TestCoreNeverRangesOverAMap(t *testing.T) {
	fields := map[string]bool{} // "package.name"
	core := func(visit func(pkg, path string, n ast.Node)) {
		eachFile(t, func(pkg, path string, file *ast.File) {
			if slices.Contains([]string{"clock", "model", "sim"}, pkg) {
				ast.Inspect(file, func(n ast.Node) bool { visit(pkg, path, n); return true })
			}
		})
	}
	core(func(pkg, path string, n ast.Node) {
		if n, ok := n.(*ast.StructType); ok {
			for _, name := range mapNames(n.Fields) {
				fields[pkg+"."+name] = true
			}
		}
	})
	if !fields["model.ahead"] {
		t.Fatal("the leader's map of what its proposals do was not found: this test looks for the wrong thing")
	}
	core(func(pkg, path string, n ast.Node) {
		switch n := n.(type) {
		case *ast.RangeStmt:
			if x, ok := n.X.(*ast.SelectorExpr); ok && fields[pkg+"."+x.Sel.Name] {
				t.Errorf("%s ranges over the map %s", path, x.Sel.Name)
			}
		case *ast.FuncDecl:
			params := mapNames(n.Type.Params)
			ast.Inspect(n, func(n ast.Node) bool {
				if loop, ok := n.(*ast.RangeStmt); ok {
					if x, ok := loop.X.(*ast.Ident); ok && slices.Contains(params, x.Name) {
						t.Errorf("%s ranges over the map %s", path, x.Name)
					}
				}
				return true
			})
		}
	})
}

// mapNames lists the fields or parameters that are declared with a map type.
func mapNames(list *ast.FieldList) []string {
	var names []string
	for _, f := range list.List {
		if _, ok := f.Type.(*ast.MapType); ok {
			for _, name := range f.Names {
				names = append(names, name.Name)
			}
		}
	}
	return names
}

// TestOnlyOneFunctionPutsEventsIntoTheQueue keeps one place to look for how
// anything enters the queue.
func TestOnlyOneFunctionPutsEventsIntoTheQueue(t *testing.T) {
	found := 0
	eachFile(t, func(pkg, path string, file *ast.File) {
		if pkg != "sim" {
			return
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				sel, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || sel.Sel.Name != "push" {
					return true
				}
				if inner, ok := sel.X.(*ast.SelectorExpr); ok && inner.Sel.Name == "queue" {
					found++
					if f.Name.Name != "push" {
						t.Errorf("%s: %s pushes into the queue; only World.push may", path, f.Name.Name)
					}
				}
				return true
			})
		}
	})
	if found == 0 {
		t.Error("no call of queue.push found: this test looks for the wrong thing")
	}
}

// eachFile parses every Go file of the module that is not a test.
func eachFile(t *testing.T, f func(pkg, path string, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "dist") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != "." {
				return filepath.SkipDir // a module of its own
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		f(filepath.ToSlash(filepath.Dir(path)), filepath.ToSlash(path), file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
