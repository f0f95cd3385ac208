package pgembed

// ReachableAs is Reachable for a root whose server would run as user uid.
func ReachableAs(uid uint32, dir string) error {
	return owner{name: "somebody", uid: uid, gid: uid, dropped: true}.reaches(dir)
}

// WellKnown are the folders that are looked into.
var WellKnown = wellKnown
