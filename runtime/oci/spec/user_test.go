package spec

import (
	"fmt"
	"strings"
	"testing"
)

func TestResolveUser(t *testing.T) {
	const passwd = "root:x:0:0:root:/root:/bin/sh\n# a comment\n\nbroken\nwww-data:x:33:33::/var/www:/bin/false\nalice:x:1000:1001::/home/alice:/bin/sh\n"
	const group = "root:x:0:\nusers:x:100:alice,bob\nadm:x:4:alice\nalice:x:1001:\n"
	for _, c := range []struct{ spec, want string }{
		{"", "0:0 [0] /root"},
		{"root", "0:0 [0] /root"},
		{"alice", "1000:1001 [4 100 1001] /home/alice"},
		{"1000", "1000:1001 [4 100 1001] /home/alice"},
		{"alice:adm", "1000:4 [4] /home/alice"},
		{"alice:7", "1000:7 [7] /home/alice"},
		{"33", "33:33 [33] /var/www"},
		{"4242", "4242:0 [0] /"},
		{"4242:4343", "4242:4343 [4343] /"},
		{":users", "0:100 [100] /root"},
		{"nobody", "unable to find user nobody: no matching entries in passwd file"},
		{"alice:wheel", "unable to find group wheel: no matching entries in group file"},
		{"4294967296", "unable to find user 4294967296: no matching entries in passwd file"},
		{"-1", "unable to find user -1: no matching entries in passwd file"},
	} {
		u, err := ResolveUser(c.spec, strings.NewReader(passwd), strings.NewReader(group))
		got := fmt.Sprintf("%d:%d %v %s", u.UID, u.GID, u.Groups, u.Home)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: got %s, want %s", c.spec, got, c.want)
		}
	}
	if u, err := ResolveUser("", nil, nil); err != nil || u.UID != 0 || u.Home != "/" {
		t.Errorf("no files: %+v %v", u, err)
	}
	if _, err := ResolveUser("root", nil, nil); err == nil {
		t.Error("a name was found in no file")
	}
}

// FuzzResolveUser feeds hostile passwd and group files.
func FuzzResolveUser(f *testing.F) {
	f.Add("alice:users", "alice:x:1000:1000::/home:/bin/sh\n", "users:x:100:alice\n")
	f.Add("0", "\n:::::\n", "::::")
	f.Fuzz(func(t *testing.T, spec, passwd, group string) {
		u, err := ResolveUser(spec, strings.NewReader(passwd), strings.NewReader(group))
		if err == nil && (u.UID > 1<<31-1 || u.GID > 1<<31-1 || u.Home == "") {
			t.Errorf("%q gives %+v", spec, u)
		}
	})
}
