package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"zksim/web"
)

// defaultListen is where serve listens unless told otherwise.
const defaultListen = "127.0.0.1:8372"

func newServeCommand() *cobra.Command {
	var listen string
	var hosts []string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the page on which faults are dragged and sessions expire",
		Long: `Serve a page for the browser: both beliefs about a session on one time axis, faults
to drag, parameters to change, the same run with other luck and other libraries, and
the rule behind every instant. The run is computed here, as zksim run does it, and
again with every move.

It prints the address and goes on until Ctrl-C. It listens on ` + defaultListen + `,
which only this machine reaches. Port 0 takes any free one. Whoever reaches another
address can use this machine's processors, within limits: there is no password and no
encryption. The page is given for localhost and for addresses; a name by which it shall
be asked for needs --host.`,
		Example: "  zksim serve --listen 127.0.0.1:0",
		Args:    noArgs,
		Annotations: map[string]string{
			untilInterrupted: "yes",
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return serve(cmd.Context(), listen, hosts, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&listen, "listen", defaultListen, "address and port to listen on")
	cmd.Flags().StringArrayVar(&hosts, "host", nil, "a name by which browsers may ask for the page; may be repeated")
	for _, free := range []string{"listen", "host"} {
		cobra.CheckErr(cmd.RegisterFlagCompletionFunc(free, cobra.NoFileCompletions))
	}
	return cmd
}

// memoryAim is from where on the garbage collector works harder. What is in use at one time
// is bounded by web's limits.
const memoryAim = 512 << 20

// untilInterrupted marks commands that go on until they are interrupted, for which that is
// no failure.
const untilInterrupted = "until interrupted"

// serve listens, says where, and answers until the context ends.
func serve(ctx context.Context, listen string, hosts []string, stdout, stderr io.Writer) error {
	l, err := listenOn(listen)
	if err != nil {
		return err
	}
	defer l.Close()
	at := l.Addr().(*net.TCPAddr).AddrPort()
	if !at.Addr().IsLoopback() {
		printRemark(stderr, fmt.Sprintf("%s can be reached from other machines: whoever does can use this one's processors, without a password. --listen %s keeps to yourself", at, defaultListen))
	}
	patient.Store(true) // what is being answered comes to its end
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryAim)
	}
	if _, err := fmt.Fprintf(stdout, "http://%s/\nCtrl-C ends it.\n", shownAddress(at)); err != nil {
		return err
	}
	return web.Serve(ctx, l, web.Options{Hosts: hosts})
}

// listenOn opens the port. The error says what would be right.
func listenOn(listen string) (net.Listener, error) {
	const want = "want an address and a port, as in " + defaultListen
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, unusable("--listen %s: %s", listen, want)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return nil, unusable("--listen %s: no port (%s); %s", listen, port, want)
	} else if _, err := netip.ParseAddr(host); err != nil && host != "localhost" && host != "" {
		return nil, unusable("--listen %s: no address (%s); %s", listen, host, want)
	} else if host == "localhost" {
		listen = net.JoinHostPort("127.0.0.1", strconv.FormatUint(n, 10))
	}
	l, err := net.Listen("tcp", listen)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, unusable("--listen %s: another program listens there, perhaps another zksim serve; want another port, or 0 for any free one", listen)
	case err != nil:
		var of *net.OpError
		if errors.As(err, &of) {
			err = of.Err
		}
		return nil, unusable("--listen %s: %s; %s", listen, err, want)
	}
	return l, nil
}

// shownAddress is how a browser on this machine reaches the address.
func shownAddress(at netip.AddrPort) string {
	if at.Addr().IsUnspecified() {
		return fmt.Sprintf("localhost:%d", at.Port())
	}
	return at.String()
}
