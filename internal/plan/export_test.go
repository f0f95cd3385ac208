package plan

import (
	"maps"
	"slices"
)

// Grouped are the checks that have a group.
func Grouped() []string { return slices.Concat(slices.Collect(maps.Values(groups))...) }
