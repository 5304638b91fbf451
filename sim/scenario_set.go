package sim

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// more stands for an item behind the last one of a list.
const more = "+"

// set puts the value of the command line with the given index into the tree.
// What it says is checked later, with everything else; here only the path must
// lead somewhere.
func (r *reader) set(root *yaml.Node, index int, text string) {
	line := -(index + 1)
	path, source, ok := strings.Cut(text, "=")
	if path = strings.TrimSpace(path); !ok || path == "" {
		r.add(line, "", "not an assignment; want path=value, as in clients.worker.timeout=4s")
		return
	}
	n := r.setValue(line, source)
	if n == nil {
		return
	}
	keys := strings.Split(path, ".")
	at := root
	for i, k := range keys {
		inside := strings.Join(keys[:i], ".")
		last := i == len(keys)-1
		if at.Kind == yaml.ScalarNode && at.ShortTag() == "!!null" || k == more && at.Kind == yaml.MappingNode && len(at.Content) == 0 {
			*at = yaml.Node{Kind: yaml.MappingNode, Line: line}
			if k == more {
				at.Kind = yaml.SequenceNode
			}
		}
		var next *yaml.Node
		switch at.Kind {
		case yaml.MappingNode:
			next = child(at, k)
			if next == nil && !last && inside == "clients" {
				r.add(line, path, fmt.Sprintf("unknown client %s; want one of %s, or clients.%s={...} for a new one", shorten(k), clientNames(at), shorten(k)))
				return
			}
			if next == nil {
				next = &yaml.Node{Kind: yaml.MappingNode, Line: line}
				at.Content = append(at.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: k, Line: line}, next)
			}
		case yaml.SequenceNode:
			if k == more {
				at.Content = append(at.Content, &yaml.Node{Kind: yaml.MappingNode, Line: line})
				k = strconv.Itoa(len(at.Content) - 1)
			}
			number, err := strconv.Atoi(k)
			if err != nil || number < 0 || number >= len(at.Content) {
				r.add(line, path, fmt.Sprintf("no item %s in %s; want a number below %d, or + for one more", shorten(k), inside, len(at.Content)))
				return
			}
			next = at.Content[number]
		default:
			r.add(line, path, fmt.Sprintf("nothing inside %s (%s); want %s={...} with all of its keys", inside, value{node: at}.shown(), inside))
			return
		}
		if last {
			if len(keys) == 3 && keys[0] == "clients" && k == "library" && n.Value != cmp.Or(next.Value, "java") {
				dropVersion(at)
			}
			*next = *n
		}
		at = next
	}
}

// dropVersion takes a client's version out if the file wrote it: it is not that of another
// library.
func dropVersion(client *yaml.Node) {
	for i := 0; i+1 < len(client.Content); i += 2 {
		if client.Content[i].Value == "version" && client.Content[i+1].Line >= 0 {
			client.Content = slices.Delete(client.Content, i, i+2)
			return
		}
	}
}

// setValue parses the value, gives all of it the line, and returns nil if it is
// not one value.
func (r *reader) setValue(line int, source string) *yaml.Node {
	var document yaml.Node
	switch err := yaml.NewDecoder(strings.NewReader(source)).Decode(&document); {
	case err == io.EOF || err == nil && len(document.Content) == 0:
		r.add(line, "", "no value; want path=value, as in clients.worker.timeout=4s")
		return nil
	case err != nil:
		r.notYAML(line, err)
		return nil
	}
	n := document.Content[0]
	relocate(n, line)
	before, nodes := len(r.errs), 0
	if r.screen(n, &nodes); len(r.errs) > before {
		return nil
	}
	return n
}

func relocate(n *yaml.Node, line int) {
	n.Line = line
	for _, inner := range n.Content {
		relocate(inner, line)
	}
}

// child is the value of a key, or nil.
func child(mapping *yaml.Node, k string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == k {
			return mapping.Content[i+1]
		}
	}
	return nil
}

func clientNames(mapping *yaml.Node) string {
	var names []string
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		names = append(names, shorten(mapping.Content[i].Value))
	}
	const most = 12
	if len(names) > most {
		names = append(slices.Clip(names[:most]), "...")
	}
	if len(names) == 0 {
		return "(none)"
	}
	return strings.Join(names, ", ")
}
