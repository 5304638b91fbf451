package docs

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Place is where a rule is cited.
type Place struct {
	File string // slash-separated, relative to the repository's root
	Decl string // top-level declaration: a function, Type.Method, type, variable or constant; empty for a golden file
}

// String returns file:declaration, or the file alone.
func (p Place) String() string {
	if p.Decl == "" {
		return p.File
	}
	return p.File + ":" + p.Decl
}

// UnknownCitation is a citation in Go code of an ID that semantics.md does not have.
type UnknownCitation struct {
	File string
	Line int // where the comment group or string literal starts
	ID   string
}

// Coverage says where each rule is cited. Keys are rule IDs; places are sorted and distinct.
type Coverage struct {
	Implemented map[string][]Place // declarations outside tests, in the packages that carry behaviour
	Mentioned   map[string][]Place // declarations outside tests, in all other packages
	Tested      map[string][]Place // test and fuzz functions
	Golden      map[string][]Place // golden timelines
	Unknown     []UnknownCitation  // sorted by file and line
}

// behaviour lists the packages whose code can make a rule hold. What conformance, plots and cmd cite
// is a recording they read or a sentence they print, and would make a rule look followed that no
// machine knows of. Closed forms (Q) live in experiments.
var behaviour = []string{"clock", "model", "sim", "experiments"}

// packageOrder puts the packages that hold the behaviour before those that report it, so that the
// few places a table shows are the ones to read first. Other directories follow by name.
var packageOrder = []string{"clock", "model", "sim", "experiments", "plots", "conformance", "cmd"}

// Scan reads the Go files and golden timelines of a repository and returns what they cite.
//
// In ordinary Go files a citation is an ID in a comment or string literal of a top-level declaration;
// it implements the rule in the packages that carry behaviour and mentions it elsewhere.
// Package comments and comments between declarations do not count: no code stands behind them.
// In test files a citation is an ID in the comments, strings or name (TestTouch_T3) of a test or
// fuzz function, or in a package-level variable or constant, such as a table of cases, that the
// function names directly. Helper functions do not count, because a test that calls one need not
// check what the helper says. Golden timelines are *.golden and *.txt below a testdata directory.
//
// The docs package, vendored code, and names that start with a dot or underscore are left out.
// An unreadable or unparsable file is an error that starts with its position.
func Scan(repository fs.FS) (*Coverage, error) { return embedded().scan(repository) }

// scanner gathers citations. Tests can be judged only when their whole directory has been read,
// because a table may stand in another file than the test that uses it.
type scanner struct {
	doc    *document
	found  Coverage
	tests  []testFunc
	tables map[string]map[string][]string // directory, then package-level name, to the rules cited
}

// testFunc is a test or fuzz function and the package-level tables it may be using.
type testFunc struct {
	place Place
	names map[string]bool // every identifier in it
}

func (d *document) scan(repository fs.FS) (*Coverage, error) {
	s := &scanner{doc: d, tables: map[string]map[string][]string{}}
	s.found.Implemented = map[string][]Place{}
	s.found.Mentioned = map[string][]Place{}
	s.found.Tested = map[string][]Place{}
	s.found.Golden = map[string][]Place{}
	err := fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && skipDirectory(name) {
				return fs.SkipDir
			}
			return nil
		}
		golden, source := isGolden(name), isSource(name)
		if !golden && !source {
			return nil
		}
		content, err := fs.ReadFile(repository, name)
		if err != nil {
			return err
		}
		if golden {
			for _, id := range d.citations(string(content)) {
				s.add(s.found.Golden, id, Place{File: name})
			}
			return nil
		}
		return s.source(name, content)
	})
	if err != nil {
		return nil, fmt.Errorf("scan for rule citations: %w", err)
	}
	s.useTables()
	for _, column := range []map[string][]Place{s.found.Implemented, s.found.Mentioned, s.found.Tested, s.found.Golden} {
		for id := range column { // each entry is sorted for itself
			slices.SortFunc(column[id], comparePlaces)
			column[id] = slices.Compact(column[id])
		}
	}
	slices.SortFunc(s.found.Unknown, func(a, b UnknownCitation) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.ID, b.ID))
	})
	s.found.Unknown = slices.Compact(s.found.Unknown)
	return &s.found, nil
}

func skipDirectory(name string) bool {
	base := path.Base(name)
	return name == "docs" || base == "vendor" || base == "node_modules" || base[0] == '.' || base[0] == '_'
}

func inTestdata(name string) bool {
	return slices.Contains(strings.Split(path.Dir(name), "/"), "testdata")
}

func isGolden(name string) bool {
	return inTestdata(name) && (path.Ext(name) == ".golden" || path.Ext(name) == ".txt")
}

func isSource(name string) bool {
	base := path.Base(name)
	return path.Ext(name) == ".go" && !inTestdata(name) && base[0] != '.' && base[0] != '_'
}

// add records one cited ID if it stands for a rule, and reports whether semantics.md has it.
func (s *scanner) add(column map[string][]Place, id string, at Place) bool {
	rule, known := s.doc.resolve(id)
	if rule != "" {
		column[rule] = append(column[rule], at)
	}
	return known
}

// source records the citations of one Go file.
func (s *scanner) source(name string, content []byte) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	isTest := strings.HasSuffix(name, "_test.go")
	dir := path.Dir(name)
	if s.tables[dir] == nil {
		s.tables[dir] = map[string][]string{}
	}
	if isTest {
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && isTestName(fn) {
				place := Place{name, fn.Name.Name}
				for _, id := range s.doc.citationsInName(fn.Name.Name) {
					s.add(s.found.Tested, id, place)
				}
				s.tests = append(s.tests, testFunc{place, identifiers(fn)})
			}
		}
	}
	cite := func(text string, at token.Pos) {
		decl := enclosing(file, at)
		for _, id := range s.doc.citations(text) {
			rule, known := s.doc.resolve(id)
			if !known {
				s.found.Unknown = append(s.found.Unknown, UnknownCitation{name, files.Position(at).Line, id})
			}
			if rule == "" || decl == nil {
				continue
			}
			place := Place{name, declName(decl, at)}
			fn, isFunc := decl.(*ast.FuncDecl)
			switch {
			case !isTest && !slices.Contains(behaviour, topDirectory(name)):
				s.found.Mentioned[rule] = append(s.found.Mentioned[rule], place)
			case !isTest:
				s.found.Implemented[rule] = append(s.found.Implemented[rule], place)
			case isFunc && isTestName(fn):
				s.found.Tested[rule] = append(s.found.Tested[rule], place)
			case !isFunc:
				s.tables[dir][place.Decl] = append(s.tables[dir][place.Decl], rule)
			}
		}
	}
	for _, group := range file.Comments {
		cite(group.Text(), group.Pos()) // Text leaves directives such as //go:embed out
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if _, ok := n.(*ast.ImportSpec); ok {
			return false
		}
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				cite(text, literal.Pos())
			}
		}
		return true
	})
	return nil
}

// useTables credits each test with the citations of the tables it names.
func (s *scanner) useTables() {
	for _, test := range s.tests {
		for name, rules := range s.tables[path.Dir(test.place.File)] { // the places are sorted afterwards
			if !test.names[name] {
				continue
			}
			for _, rule := range rules {
				s.found.Tested[rule] = append(s.found.Tested[rule], test.place)
			}
		}
	}
}

// enclosing returns the top-level declaration, doc comment and comment at the end of its last line
// included, that holds the position, or nil.
func enclosing(file *ast.File, at token.Pos) ast.Decl {
	for _, decl := range file.Decls {
		start, end := decl.Pos(), decl.End()
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Doc != nil {
				start = d.Doc.Pos()
			}
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			if d.Doc != nil {
				start = d.Doc.Pos()
			}
			if c := trailingComment(d.Specs[max(0, len(d.Specs)-1):]); c != nil {
				end = max(end, c.End())
			}
		}
		if start <= at && at < end {
			return decl
		}
	}
	return nil
}

// trailingComment returns the comment at the end of the line of the only spec given, if any.
func trailingComment(specs []ast.Spec) *ast.CommentGroup {
	for _, spec := range specs {
		switch s := spec.(type) {
		case *ast.ValueSpec:
			return s.Comment
		case *ast.TypeSpec:
			return s.Comment
		}
	}
	return nil
}

// declName names a declaration: a function, Type.Method, or the type, variable or constant of a
// group that holds the position. What stands before a member of a group belongs to that member,
// and what stands after the last one to the last.
func declName(decl ast.Decl, at token.Pos) string {
	if fn, ok := decl.(*ast.FuncDecl); ok {
		if fn.Recv == nil || len(fn.Recv.List) == 0 {
			return fn.Name.Name
		}
		return receiver(fn.Recv.List[0].Type) + "." + fn.Name.Name
	}
	name := ""
	for _, spec := range decl.(*ast.GenDecl).Specs {
		end := spec.End()
		if c := trailingComment([]ast.Spec{spec}); c != nil {
			end = max(end, c.End())
		}
		switch s := spec.(type) {
		case *ast.ValueSpec:
			name = s.Names[0].Name
		case *ast.TypeSpec:
			name = s.Name.Name
		}
		if at < end {
			break
		}
	}
	return name
}

// receiver returns the type name of a method's receiver, without pointer and type parameters.
func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.ParenExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return "?"
}

// isTestName reports whether go test runs the function: TestX or FuzzX, X not starting in lower case.
func isTestName(fn *ast.FuncDecl) bool {
	name := fn.Name.Name
	if fn.Recv != nil || name == "TestMain" {
		return false
	}
	for _, prefix := range []string{"Test", "Fuzz"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			first, _ := utf8.DecodeRuneInString(rest)
			return !unicode.IsLower(first)
		}
	}
	return false
}

func identifiers(fn *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			names[id.Name] = true
		}
		return true
	})
	return names
}

// comparePlaces orders places by package, then file, then declaration.
func comparePlaces(a, b Place) int {
	return cmp.Or(
		cmp.Compare(packageRank(a.File), packageRank(b.File)),
		strings.Compare(a.File, b.File),
		strings.Compare(a.Decl, b.Decl))
}

func packageRank(file string) int {
	if i := slices.Index(packageOrder, topDirectory(file)); i >= 0 {
		return i
	}
	return len(packageOrder)
}

// topDirectory returns the first element of a file's path.
func topDirectory(file string) string {
	top, _, _ := strings.Cut(file, "/")
	return top
}
