//go:build !js

package experiments

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sync"
)

// remember makes a source keep what it reads, so that results can be played again
// anywhere.
func (s *Source) remember() {
	if s.files != nil || s.Open == nil {
		return
	}
	s.files = &files{}
	open := s.Open
	kept := s.files
	s.Open = func(name string) (io.ReadCloser, error) {
		kept.mutex.Lock()
		defer kept.mutex.Unlock()
		if text, ok := kept.text[name]; ok {
			return io.NopCloser(bytes.NewReader(text)), nil
		}
		f, err := open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
		if err != nil {
			return nil, err
		}
		if len(text) > maxFile {
			return nil, fmt.Errorf("%s: larger than %d bytes", name, maxFile)
		}
		if kept.text == nil {
			kept.text = map[string][]byte{}
		}
		kept.text[name] = text
		return io.NopCloser(bytes.NewReader(text)), nil
	}
}

// maxFile bounds a file that a scenario names.
const maxFile = 64 << 20

type files struct {
	mutex sync.Mutex
	text  map[string][]byte
}

func (s *Source) fileNames() []string {
	if s.files == nil {
		return nil
	}
	s.files.mutex.Lock()
	defer s.files.mutex.Unlock()
	var all []string
	for name := range s.files.text {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func (s *Source) file(name string) []byte {
	s.files.mutex.Lock()
	defer s.files.mutex.Unlock()
	return s.files.text[name]
}
