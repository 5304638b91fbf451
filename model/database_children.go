package model

import (
	"fmt"
	"slices"
	"strings"
)

// A parent is a persistent node that the applications have made before the run, so that
// they can make sequential nodes below it. There are few.
type parent struct {
	path     string
	creates  int32    // nodes made below it so far; deletions do not count
	children []string // names, in the order of their creation; never changed in place, for answers and snapshots share it
}

// sequenceDigits is how many digits a sequential node's number has.
const sequenceDigits = 10

// sequential puts a number behind the path of a sequential node.
func sequential(path string, n int32) string {
	return fmt.Sprintf("%s%0*d", path, sequenceDigits, n)
}

// splitPath takes a path apart into that of its parent and its name. What lies at the
// top has no parent that counts.
func splitPath(path string) (above, name string) {
	cut := strings.LastIndexByte(path, '/')
	if cut <= 0 {
		return "", path
	}
	return path[:cut], path[cut+1:]
}

// parent finds the parent at a path, or nil if nothing was ever made below it.
func (d *database) parent(path string) *parent {
	for i := range d.parents {
		if d.parents[i].path == path {
			return &d.parents[i]
		}
	}
	return nil
}

// creates is how many nodes have been made below a path.
func (d *database) creates(path string) int32 {
	if p := d.parent(path); p != nil {
		return p.creates
	}
	return 0
}

// children lists the names of what is below a path.
func (d *database) children(path string) []string {
	if p := d.parent(path); p != nil {
		return p.children
	}
	return nil
}

// addChild counts a node that was made (DataTree.java:DataTree.createNode).
func (d *database) addChild(path string) {
	above, name := splitPath(path)
	if above == "" {
		return
	}
	p := d.parent(above)
	if p == nil {
		d.parents = append(d.parents, parent{path: above})
		p = &d.parents[len(d.parents)-1]
	}
	p.creates++
	p.children = append(p.children[:len(p.children):len(p.children)], name)
}

// removeChild takes a node that was deleted off the list.
func (d *database) removeChild(path string) {
	above, name := splitPath(path)
	if above == "" {
		return
	}
	p := d.parent(above)
	p.children = slices.DeleteFunc(slices.Clone(p.children), func(child string) bool { return child == name })
}
