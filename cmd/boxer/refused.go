package main

import (
	"strings"

	"github.com/spf13/pflag"
)

// refusedFlags are flags of `docker run` that this version does not have.
// They are known, so that they are refused by their name and with a reason,
// and never taken for something else. One row: names, whether a value
// follows, reason.
var refusedFlags = []struct {
	names  string // "long", or "long,s"
	value  bool
	reason string
}{
	{"detach,d", false, "a box runs in the foreground in this version"},
	{"volume,v", true, "no host directory can be mounted in this version: pack the files into the image"},
	{"mount", true, "no host directory can be mounted in this version: pack the files into the image"},
	{"volumes-from", true, "there are no volumes in this version"},
	{"tmpfs", true, "the box's files are all in memory already"},
	{"publish,p", true, "a box has no network in this version"},
	{"publish-all,P", false, "a box has no network in this version"},
	{"expose", true, "a box has no network in this version"},
	{"network", true, "a box has no network in this version; only 'none' can be asked for"},
	{"net", true, "a box has no network in this version; only 'none' can be asked for"},
	{"add-host", true, "a box has no network in this version"},
	{"dns", true, "a box has no network in this version"},
	{"link", true, "a box has no network in this version"},
	{"memory-swap", true, "limits cannot be set in this version"},
	{"cpus", true, "limits cannot be set in this version"},
	{"cpu-shares,c", true, "limits cannot be set in this version"},
	{"cpuset-cpus", true, "limits cannot be set in this version"},
	{"pids-limit", true, "limits cannot be set in this version"},
	{"ulimit", true, "limits cannot be set in this version"},
	{"shm-size", true, "limits cannot be set in this version"},
	{"read-only", false, "the root file system is always writable in this version; nothing written outlives the box"},
	{"init", false, "the program itself is process 1 in this version"},
	{"privileged", false, "a box cannot be given the host's privileges"},
	{"cap-add", true, "capabilities cannot be set in this version"},
	{"cap-drop", true, "capabilities cannot be set in this version"},
	{"security-opt", true, "a box is isolated by WebAssembly: there is nothing to set"},
	{"device", true, "a box has no access to host devices"},
	{"gpus", true, "a box has no access to host devices"},
	{"pid", true, "a box shares no namespace with the host"},
	{"ipc", true, "a box shares no namespace with the host"},
	{"userns", true, "a box shares no namespace with the host"},
	{"group-add", true, "supplementary groups come from the image's /etc/group in this version"},
	{"attach,a", true, "standard output and error are always attached; use -i for standard input"},
	{"detach-keys", true, "a box cannot be detached from in this version"},
	{"sig-proxy", false, "signals are always passed on"},
	{"stop-signal", true, "there is no boxer stop in this version"},
	{"stop-timeout", true, "there is no boxer stop in this version"},
	{"restart", true, "a box is not restarted in this version"},
	{"label,l", true, "boxes are not kept, so labels would be lost"},
	{"label-file", true, "boxes are not kept, so labels would be lost"},
	{"cidfile", true, "boxes are not kept in this version"},
	{"pull", true, "images come from files in this version"},
	{"log-driver", true, "there are no logs in this version: redirect the output"},
	{"log-opt", true, "there are no logs in this version: redirect the output"},
	{"health-cmd", true, "there are no health checks in this version"},
	{"no-healthcheck", false, "there are no health checks in this version"},
	{"runtime", true, "boxer is the runtime"},
	{"sysctl", true, "kernel parameters cannot be set in this version"},
	{"domainname", true, "a box has no network in this version"},
	{"mac-address", true, "a box has no network in this version"},
	{"ip", true, "a box has no network in this version"},
}

// addRefused makes the flags known without listing them in the help.
func addRefused(s *pflag.FlagSet) {
	for _, r := range refusedFlags {
		name, short, _ := strings.Cut(r.names, ",")
		s.StringArrayP(name, short, nil, r.reason)
		f := s.Lookup(name)
		f.Hidden = true
		if !r.value {
			f.NoOptDefVal = "true"
		}
	}
}

// refuse returns the error for the first refused flag that was given.
func refuse(s *pflag.FlagSet) error {
	for _, r := range refusedFlags {
		name, _, _ := strings.Cut(r.names, ",")
		if !s.Changed(name) {
			continue
		}
		values, _ := s.GetStringArray(name)
		if (name == "network" || name == "net") && len(values) == 1 && values[0] == "none" {
			continue // what every box has
		}
		return usagef("--%s: not supported yet: %s", name, r.reason)
	}
	return nil
}
