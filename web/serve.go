//go:build !js

package web

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// maxConnections bounds the connections of one server, and with them its memory: each can
// send a question of MaxRequest bytes.
const maxConnections = 64

// Serve answers on the listener until the context ends, lets what is being answered come
// to its end, and returns nil.
func Serve(ctx context.Context, l net.Listener, o Options) error {
	o = o.defaults()
	requests, stop := context.WithCancel(context.Background())
	defer stop()
	s := &http.Server{
		Handler:           Handler(o),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      o.Patience + o.Longest + 30*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(discard{}, "", 0), // of clients that go away
		BaseContext:       func(net.Listener) context.Context { return requests },
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(limit(l, maxConnections)) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	stop() // runs on the way end at their next look
	patience, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := s.Shutdown(patience); err != nil {
		s.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// A limited listener has so many connections at one time; more wait in the kernel.
type limited struct {
	net.Listener
	slots  chan struct{}
	closed chan struct{}
	close  func()
}

func limit(l net.Listener, n int) *limited {
	closed := make(chan struct{})
	return &limited{l, make(chan struct{}, n), closed, sync.OnceFunc(func() { close(closed) })}
}

// Accept implements [net.Listener].
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &slot{Conn: c, free: sync.OnceFunc(func() { <-l.slots })}, nil
}

// Close implements [net.Listener].
func (l *limited) Close() error {
	l.close()
	return l.Listener.Close()
}

// A slot is a connection that gives its place free when it is closed.
type slot struct {
	net.Conn
	free func()
}

// Close implements [net.Conn].
func (s *slot) Close() error {
	err := s.Conn.Close()
	s.free()
	return err
}
