package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"zksim/web"
)

func newSiteCommand() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "site DIR",
		Short: "Write the page as a site that needs no server of its own",
		Long: `Write the page of zksim serve, with the engine in it, into a directory: files for any
web server. Nothing is computed there but in the reader's browser, and nothing is sent
anywhere. Browsers refuse to run it from a file: address; any server of files on this
machine will do.

The directory is made if need be. If there is something in it, --force is needed; then
the files of the site are replaced and others left alone.

The engine for the browser is in the programs of a release. One that was built without
it says so; in a checkout, ` + web.SiteBuild + ` builds one with it.`,
		Example:     "  zksim site public",
		Annotations: map[string]string{needsSite: "yes"},
		Args:        exactArgs(1, "the name of one directory"),
		ValidArgsFunction: completeFirst(func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := web.Site()
			if err != nil {
				return usageError{err}
			}
			return writeSite(args[0], force, files, cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "write into a directory that is not empty")
	return cmd
}

// needsSite marks commands that a plain build has to refuse.
const needsSite = "needs the site"

// writeSite writes the site: whole, or with the old files as they were.
func writeSite(dir string, force bool, files []web.File, stdout io.Writer) error {
	switch inside, err := os.ReadDir(dir); {
	case err == nil && len(inside) > 0 && !force:
		return unusable("%s: not empty; give another directory, or --force to replace the site's files in it", dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return unusable("%s: %s; want a directory", dir, reason(err))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return unusable("%s: %s", dir, reason(err))
	}
	// All of it is written aside first: what can fail has failed before a file changes.
	aside, err := os.MkdirTemp(dir, ".site-*")
	if err != nil {
		return unusable("%s: %s", dir, reason(err))
	}
	defer os.RemoveAll(aside)
	size := 0
	for _, f := range files {
		size += len(f.Text)
		if err := os.WriteFile(filepath.Join(aside, f.Name), f.Text, 0o644); err != nil {
			return fmt.Errorf("%s: %s", dir, reason(err))
		}
	}
	for _, f := range files {
		if err := os.Rename(filepath.Join(aside, f.Name), filepath.Join(dir, f.Name)); err != nil {
			return fmt.Errorf("%s: %s", dir, reason(err))
		}
	}
	_, err = fmt.Fprintf(stdout, "%s: %d files, %.1f MB, for any server of files\n", dir, len(files), float64(size)/1e6)
	return err
}
