package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"zksim/sim"
	"zksim/teach"
)

// A lessonRequest is what `zksim lesson` was asked.
type lessonRequest struct {
	answers []string
	show    bool
	look    look
}

func newLessonCommand() *cobra.Command {
	var q lessonRequest
	cmd := &cobra.Command{
		Use:   "lesson [NUMBER|NAME]",
		Short: "Predict what happens to a session, then see it happen",
		Long: `Give a lesson: a situation, a question, and only when it is answered the run, how
far off the answer was, and why it came so. Without a word, list the lessons.

On a terminal the lesson waits for each answer; Ctrl-D leaves it. Anywhere else the
answers come from --answer, one for each question, in their order. An instant is
written 7.5, 7.5s or 7500ms, or never; a choice as its letter; an order as letters.

--show prints a lesson with all its answers and asks nothing: for who gives it to
others.`,
		Example: `  zksim lesson
  zksim lesson 1 --answer 10s --answer 10s --answer b --answer b --answer yes
  zksim lesson late-and-early --show`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return unusable("lesson: got %d words, want the number or the name of one lesson; zksim lesson lists them", len(args))
			}
			return nil
		},
		ValidArgsFunction: completeFirst(completeLessons),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := q.look.check(); err != nil {
				return err
			}
			stdin, stdout := cmd.InOrStdin(), cmd.OutOrStdout()
			opts := q.look.options(stdout, false)
			if len(args) == 0 {
				if q.show || len(q.answers) > 0 {
					return unusable("lesson: --show and --answer want a lesson; zksim lesson lists them")
				}
				return listLessons(stdout, opts)
			}
			l, err := teach.FindLesson(args[0])
			if err != nil {
				return usageError{err}
			}
			t := &teacher{ctx: cmd.Context(), lesson: l, out: stdout, opts: opts, show: q.show, answers: q.answers}
			if isTerminal(stdin) && isTerminal(stdout) && !q.show {
				t.typed = newTypist(stdin)
			}
			return t.give()
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&q.answers, "answer", nil, "answer the next question: 7.5s, never, 28%, yes, b, or c a b; may be repeated")
	f.BoolVar(&q.show, "show", false, "print the lesson with its answers, and ask nothing")
	f.IntVar(&q.look.width, "width", 0, "columns of text, 60 to 100 (default: the terminal's, else 100)")
	f.BoolVar(&q.look.ascii, "ascii", false, "plain ASCII only (default where the terminal's locale is not UTF-8)")
	f.StringVar(&q.look.color, "color", "auto", "auto: on a terminal, unless NO_COLOR is set; always; never")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("color", cobra.FixedCompletions(colors, cobra.ShellCompDirectiveNoFileComp)))
	for _, free := range []string{"answer", "width"} {
		cobra.CheckErr(cmd.RegisterFlagCompletionFunc(free, cobra.NoFileCompletions))
	}
	cmd.MarkFlagsMutuallyExclusive("show", "answer")
	return cmd
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(f.Fd())
}

// completeLessons offers the lessons by name.
func completeLessons(_ *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, l := range teach.Lessons() {
		if strings.HasPrefix(l.Name, prefix) {
			names = append(names, l.Name+"\t"+l.Title)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func listLessons(stdout io.Writer, opts sim.TextOptions) error {
	names := 0
	for _, l := range teach.Lessons() {
		names = max(names, len(l.Name))
	}
	for _, l := range teach.Lessons() {
		head := fmt.Sprintf("%-4d%-*s", l.Number, names+2, l.Name)
		for _, line := range wrap(plain(l.Title, opts.ASCII), opts.Width-len(head)) {
			if _, err := fmt.Fprintln(stdout, head+line); err != nil {
				return err
			}
			head = strings.Repeat(" ", len(head))
		}
	}
	return nil
}

// plain writes text in ASCII where nothing else may be printed.
func plain(text string, ascii bool) string {
	if !ascii {
		return text
	}
	return notASCII.Replace(text)
}

// notASCII is what lessons print beyond ASCII, and what stands for it.
var notASCII = strings.NewReplacer("−", "-", "…", "...", "█", "#", "▌", ".")
