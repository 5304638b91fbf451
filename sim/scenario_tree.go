package sim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// tree parses the source and returns its top mapping, or nil if there is none.
func (r *reader) tree(source []byte) *yaml.Node {
	if len(source) > MaxScenarioBytes {
		r.add(1, "", fmt.Sprintf("a file of %d bytes; want at most %d", len(source), MaxScenarioBytes))
		return nil
	}
	if line, what := unreadable(source); line > 0 {
		r.add(line, "", "not a text that YAML can be ("+what+"); want UTF-8, as in the scenarios that come with zksim")
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(source))
	var document, more yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0 {
		r.add(1, "", "an empty file; want at least run and clients")
		return nil
	} else if err != nil {
		r.notYAML(1, err)
		return nil
	}
	if err := decoder.Decode(&more); err == nil {
		r.add(more.Line, "", "a second document; want one scenario per file")
		return nil
	} else if !errors.Is(err, io.EOF) {
		r.notYAML(1, err)
		return nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		v := value{node: root}
		r.add(root.Line, "", fmt.Sprintf("not a scenario (%s); want a mapping with the keys %s", v.shown(), keyNames(rows(scenarioKeys)())))
		return nil
	}
	nodes := 0
	r.screen(root, &nodes)
	if nodes > maxScenarioNodes {
		r.add(1, "", fmt.Sprintf("too many values and keys; want at most %d", maxScenarioNodes))
		return nil
	}
	return root
}

// unreadable finds the first line that no YAML in UTF-8 can have, and says why;
// 0 if there is none. The YAML reader has no line for these.
func unreadable(source []byte) (line int, what string) {
	line = 1
	for i := 0; i < len(source); {
		c, size := utf8.DecodeRune(source[i:])
		switch {
		case c == utf8.RuneError && size == 1:
			return line, fmt.Sprintf("byte %#02x is no UTF-8 here", source[i])
		case c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7f || 0x80 <= c && c < 0xa0 && c != 0x85:
			return line, fmt.Sprintf("control character %U", c)
		case c == '\n':
			line++
		}
		i += size
	}
	return 0, ""
}

// notYAML reports an error of the YAML reader at its line, and at the line given
// if it has none. A negative line stands for a value of the command line.
func (r *reader) notYAML(line int, err error) {
	text := err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil && line > 0 {
			line = n
		}
	}
	r.add(line, "", "not YAML: "+text+"; want keys and values as in the scenarios that come with zksim")
}

// screen refuses what YAML has and scenarios do not: anchors with aliases, and
// tags. An alias can make a small file into an enormous scenario.
func (r *reader) screen(n *yaml.Node, count *int) {
	*count++
	switch {
	case n.Kind == yaml.AliasNode:
		r.add(n.Line, "", fmt.Sprintf("an alias (*%s); write the value out instead", shorten(n.Value)))
	case n.Anchor != "":
		r.add(n.Line, "", fmt.Sprintf("an anchor (&%s); scenarios have no aliases, so leave it out", shorten(n.Anchor)))
	case n.Style&yaml.TaggedStyle != 0:
		r.add(n.Line, "", fmt.Sprintf("a tag (%s); leave it out", shorten(n.Tag)))
	}
	for _, inner := range n.Content {
		r.screen(inner, count)
	}
}
