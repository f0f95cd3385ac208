package ledger

import "slices"

// Edge says where a status may go.
type Edge[S ~string] struct {
	From S
	To   []S
}

// Machine lists where each status may go; those that are no From are the end. A trigger
// in the database repeats each one, so that no statement, ours or an operator's, breaks it.
type Machine[S ~string] []Edge[S]

// Allows tells whether from may become to at once.
func (m Machine[S]) Allows(from, to S) bool { return slices.Contains(m.after(from), to) }

func (m Machine[S]) after(from S) []S {
	for _, e := range m {
		if e.From == from {
			return e.To
		}
	}
	return nil
}

// Ends tells that nothing may follow.
func (m Machine[S]) Ends(s S) bool { return len(m.after(s)) == 0 }

// Path is the shortest way to a status, without where it begins; nil where there is none.
// What is read of Stripe may have passed several statuses since it was read last, and each
// of them is passed here, too.
func (m Machine[S]) Path(from, to S) []S {
	if from == to {
		return nil
	}
	ways := [][]S{{from}}
	for seen := map[S]bool{from: true}; len(ways) > 0; ways = ways[1:] {
		for _, next := range m.after(ways[0][len(ways[0])-1]) {
			way := append(slices.Clone(ways[0]), next)
			switch {
			case next == to:
				return way[1:]
			case !seen[next]:
				seen[next] = true
				ways = append(ways, way)
			}
		}
	}
	return nil
}
