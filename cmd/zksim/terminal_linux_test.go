package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// A terminal is a pseudo-terminal at which the program runs, and somebody who types.
type terminal struct {
	t      *testing.T
	ctrl   *os.File
	cmd    *exec.Cmd
	output chan string
	seen   string // all of it
	read   int    // what of it has been looked for already
}

// patience bounds every wait for the program.
const patience = 30 * time.Second

// atTerminal starts the program at a terminal of a number of columns.
func atTerminal(t *testing.T, columns uint16, env []string, words ...string) *terminal {
	t.Helper()
	ctrl, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatalf("no pseudo-terminal: %v", err)
	}
	ioctl := func(request uintptr, arg unsafe.Pointer) {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, ctrl.Fd(), request, uintptr(arg)); errno != 0 {
			t.Fatalf("pseudo-terminal: %v", errno)
		}
	}
	var number, locked int32
	ioctl(syscall.TIOCSPTLCK, unsafe.Pointer(&locked))
	ioctl(syscall.TIOCGPTN, unsafe.Pointer(&number))
	ioctl(syscall.TIOCSWINSZ, unsafe.Pointer(&[4]uint16{40, columns}))
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, ctrl: ctrl, cmd: program(words...), output: make(chan string)}
	x.cmd.Env = append(x.cmd.Env, env...)
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = tty, tty, tty
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	t.Cleanup(func() {
		x.cmd.Process.Kill()
		ctrl.Close()
		for range x.output { // until its reader has ended
		}
	})
	go func() {
		defer close(x.output)
		buffer := make([]byte, 4096)
		for {
			n, err := ctrl.Read(buffer)
			if n > 0 {
				x.output <- string(buffer[:n])
			}
			if err != nil {
				return // the program has gone
			}
		}
	}()
	return x
}

// expect waits until the program has written something, behind what was expected before.
func (x *terminal) expect(text string) {
	x.t.Helper()
	limit := time.After(patience)
	for {
		if i := strings.Index(x.seen[x.read:], text); i >= 0 {
			x.read += i + len(text)
			return
		}
		select {
		case more, ok := <-x.output:
			if !ok {
				x.t.Fatalf("the program ended without %q; since the last that was expected it wrote:\n%s", text, x.seen[x.read:])
			}
			x.seen += strings.ReplaceAll(more, "\r", "")
		case <-limit:
			x.t.Fatalf("no %q within %v; since the last that was expected it wrote:\n%s", text, patience, x.seen[x.read:])
		}
	}
}

func (x *terminal) types(text string) {
	x.t.Helper()
	if _, err := x.ctrl.WriteString(text); err != nil {
		x.t.Fatal(err)
	}
}

// ends waits for the end of the program and gives its exit status.
func (x *terminal) ends() int {
	x.t.Helper()
	limit := time.After(patience)
	for open := true; open; {
		var more string
		select {
		case more, open = <-x.output:
			x.seen += strings.ReplaceAll(more, "\r", "")
		case <-limit:
			x.t.Fatalf("the program has not ended within %v", patience)
		}
	}
	x.cmd.Wait()
	return x.cmd.ProcessState.ExitCode()
}

var utf8Locale = []string{"LC_ALL=C.UTF-8", "NO_COLOR=1", "TERM=xterm"}

// TestALessonAtATerminalAsksAndWaits: it says what it cannot read and asks again, shows
// the run only then, and waits for Enter before it explains.
func TestALessonAtATerminalAsksAndWaits(t *testing.T) {
	x := atTerminal(t, 80, utf8Locale, "lesson", "revived")
	x.expect("Lesson 8: ")
	x.expect("Ctrl-D leaves the lesson.")
	x.expect("as in 7.5, or never) > ")
	if strings.Contains(x.seen, "ended") {
		t.Error("the run is shown before the answer")
	}
	x.types("soon\n")
	x.expect(`"soon": want seconds after the fault, as in 7.5, or never`)
	x.expect(") > ")
	x.types("\n")
	x.expect("no answer; want seconds")
	x.expect(") > ")
	x.types("9\n")
	x.expect("┫ ended")
	x.expect("Near enough: at 9.020 s. You said 9 s")
	x.expect("(Enter: why it came so)")
	x.types("\n")
	x.expect("The last touch came at")
	x.expect("(Enter: one thing is changed)")
	x.types("\n")
	x.expect("2 of 3")
	x.expect(") > ")
	x.types(" 9020 ms \n")
	x.expect("That is the old leader's deadline")
	x.expect("why it came so)")
	x.types("\n")
	x.expect("is changed)")
	x.types("\n")
	x.expect(") > ")
	x.types("never\n")
	x.expect("You said never")
	x.expect("why it came so)")
	x.types("\n")
	x.expect("Next, on your own:")
	if code := x.ends(); code != exitOK {
		t.Errorf("exit status %d", code)
	}
}

// TestALessonAtATerminalCanBeLeft: with Ctrl-D as well as with Ctrl-C; and it does not ask
// for ever.
func TestALessonAtATerminalCanBeLeft(t *testing.T) {
	for _, c := range []struct {
		name, types string
		says        string
		code        int
	}{
		{"Ctrl-D", "\x04", "You left lesson 8; zksim lesson 8 begins it again.", exitOK},
		{"Ctrl-C", "\x03", "zksim: interrupted", exitInterrupted},
		{"five answers that cannot be read", "a\nb\nc\nd\ne\n", "zksim: lesson 8: 5 answers that cannot be read; want seconds after the fault", exitUnusable},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := atTerminal(t, 80, utf8Locale, "lesson", "8")
			x.expect(") > ")
			x.types(c.types)
			x.expect(c.says)
			if code := x.ends(); code != c.code {
				t.Errorf("exit status %d, want %d", code, c.code)
			}
			if strings.Contains(x.seen, "ended") {
				t.Error("the run is shown without an answer")
			}
		})
	}
}

// TestALessonFitsItsTerminal: width, characters and colour are the terminal's; answers
// that are given beforehand are not asked for.
func TestALessonFitsItsTerminal(t *testing.T) {
	x := atTerminal(t, 70, []string{"LC_ALL=C", "TERM=xterm", "NO_COLOR="}, "lesson", "8", "--answer", "8", "--answer", "9")
	x.expect(") > 8\n")
	x.expect("\x1b[")
	x.expect("why it came so)")
	x.types("\n")
	x.expect("is changed)")
	x.types("\n")
	x.expect(") > 9\n")
	x.expect("why it came so)")
	x.types("\x04")
	if code := x.ends(); code != exitOK {
		t.Errorf("exit status %d", code)
	}
	for line := range strings.SplitSeq(escapes.ReplaceAllString(x.seen, ""), "\n") {
		if len(line) > 70 && !strings.Contains(line, "zksim run") {
			t.Errorf("%d columns: %q", len(line), line)
		}
		for _, r := range line {
			if r >= 0x80 {
				t.Fatalf("%q is not ASCII: %q", r, line)
			}
		}
	}
}
