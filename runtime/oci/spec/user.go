package spec

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A User is whom a box's first process runs as.
type User struct {
	UID, GID uint32
	// Groups are the supplementary groups, ascending. GID is among them: a
	// process that changes its group must not lose the access that a file
	// denies to that group (CVE-2022-36109).
	Groups []uint32
	Home   string
}

// ResolveUser turns a User field or --user value into numbers, as Docker
// does: "", "user", "uid", "user:group", "uid:gid" and mixtures. passwd and
// group are the image's /etc/passwd and /etc/group; nil where it has none.
func ResolveUser(spec string, passwd, group io.Reader) (User, error) {
	name, groupName, hasGroup := strings.Cut(spec, ":")
	user := User{Home: "/"}
	uid, numeric := parseID(name)
	if numeric {
		user.UID = uid
	}
	if name == "" {
		name, numeric = "0", true
	}
	login, found := "", false
	for f := range colonLines(passwd, 6) {
		id, err := strconv.ParseUint(f[2], 10, 31)
		if err != nil || !(f[0] == name || numeric && uint32(id) == uid) {
			continue
		}
		gid, _ := parseID(f[3])
		login, found = f[0], true
		user.UID, user.GID = uint32(id), gid
		if f[5] != "" {
			user.Home = f[5]
		}
		break
	}
	if !found && !numeric {
		return User{}, fmt.Errorf("unable to find user %s: no matching entries in passwd file", clip(name))
	}
	if hasGroup {
		gid, err := resolveGroup(groupName, group)
		if err != nil {
			return User{}, err
		}
		user.GID = gid
	} else if login != "" {
		for f := range colonLines(group, 4) {
			if gid, ok := parseID(f[2]); ok && slices.Contains(strings.Split(f[3], ","), login) {
				user.Groups = append(user.Groups, gid)
			}
		}
	}
	user.Groups = append(user.Groups, user.GID)
	slices.Sort(user.Groups)
	user.Groups = slices.Compact(user.Groups)
	return user, nil
}

func resolveGroup(name string, group io.Reader) (uint32, error) {
	gid, numeric := parseID(name)
	for f := range colonLines(group, 3) {
		if id, ok := parseID(f[2]); ok && (f[0] == name || numeric && id == gid) {
			return id, nil
		}
	}
	if !numeric {
		return 0, fmt.Errorf("unable to find group %s: no matching entries in group file", clip(name))
	}
	return gid, nil
}

// parseID reads a user or group number, 0 to 2^31 − 1.
func parseID(s string) (uint32, bool) {
	id, err := strconv.ParseUint(s, 10, 31)
	return uint32(id), err == nil
}

// maxPasswdLine bounds a line of /etc/passwd or /etc/group: what is longer
// ends the reading, as hostile.
const maxPasswdLine = 64 << 10

// colonLines yields the lines of r that have at least n fields.
func colonLines(r io.Reader, n int) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		if r == nil {
			return
		}
		in := bufio.NewScanner(r)
		in.Buffer(nil, maxPasswdLine)
		for in.Scan() {
			line := strings.TrimSpace(in.Text())
			if f := strings.Split(line, ":"); line != "" && line[0] != '#' && len(f) >= n && !yield(f) {
				return
			}
		}
	}
}
