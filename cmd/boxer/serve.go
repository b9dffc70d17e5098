package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"boxer/cmd/boxer/site"
	"boxer/cmd/boxer/webdist"
)

// defaultPort is tried first; where it is taken any other will do.
const defaultPort = 8080

func newServe() *cobra.Command {
	f := &siteFlags{}
	var port int
	var cors, help bool
	c := &cobra.Command{
		Use:   "serve [OPTIONS] IMAGE|DIR [COMMAND] [ARG...]",
		Short: "Run an image in this machine's browser",
		Long: `Run an image in this machine's browser.

IMAGE becomes the site that boxer export --web writes, in a temporary place;
DIR is such a site. It is served on 127.0.0.1, to this machine only, until
Ctrl-C.`,
		DisableFlagsInUseLine: true,
		Args:                  needImage("serve"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if port < 0 || port > 65535 {
				return usagef("--port %d: it is no port", port)
			}
			if err := serve(f, args, port, c.Flags().Changed("port"), cors); err != nil {
				return &codeError{exitBoxer, err}
			}
			return nil
		},
	}
	s := c.Flags()
	f.add(s)
	s.IntVarP(&port, "port", "p", defaultPort, "Listen on this `port`; 0 takes any")
	s.BoolVar(&cors, "cors", false, "Let pages of other origins read the site")
	s.BoolVar(&help, "help", false, "Print this help")
	return c
}

// serve makes the site, if it is none yet, and serves it until a signal comes.
func serve(f *siteFlags, args []string, port int, exact, cors bool) error {
	ctx, stop := interruptible()
	defer stop()
	dir := args[0]
	if !site.IsSite(dir) {
		tmp, err := os.MkdirTemp("", "boxer-serve-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		cfg, done, err := f.prepare(ctx, args, true)
		if err != nil {
			return err
		}
		// Whatever else this address serves tomorrow, no service worker of
		// today's shall stand before it.
		cfg.NoApp = true
		dir = filepath.Join(tmp, "site")
		_, err = site.Write(ctx, dir, false, *cfg)
		done()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
	} else if len(args) > 1 {
		return fmt.Errorf("%s is an exported site, which has its command already", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	page, err := packedCore(dir)
	if err != nil {
		return err
	}
	l, err := listen(port, exact)
	if err != nil {
		return err
	}
	address := fmt.Sprintf("http://%s/", l.Addr())
	if f.format == "json" {
		json.NewEncoder(os.Stdout).Encode(map[string]string{"url": address})
	} else {
		fmt.Printf("%s is at %s\nCtrl-C ends it.\n", args[0], address)
	}
	server := &http.Server{Handler: site.NewServer(root.FS(), page, cors), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

// packedCore is where the core packed with brotli is, if it is the one that the
// site has: an exported site may be of another boxer.
func packedCore(dir string) (fs.FS, error) {
	page, err := webdist.Files()
	if errors.Is(err, webdist.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	own, err := fs.ReadFile(page, "core.wasm.gz")
	if err != nil {
		return nil, err
	}
	theirs, err := os.ReadFile(filepath.Join(dir, "core.wasm.gz"))
	if err != nil || string(own) != string(theirs) {
		return nil, nil
	}
	return page, nil
}

// listen takes the port. Unless it was asked for, any other is as good.
func listen(port int, exact bool) (net.Listener, error) {
	at := func(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
	l, err := net.Listen("tcp", at(port))
	if err != nil && !exact {
		l, err = net.Listen("tcp", at(0))
	}
	if err != nil && exact {
		err = fmt.Errorf("%w: choose another --port, or 0 for any", err)
	}
	return l, err
}
