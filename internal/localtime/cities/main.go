// Command cities writes ../cities.tsv from raw-time-zones.json of the npm package
// @vvo/tzdb, whose path it is given: go run ./internal/localtime/cities FILE
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/localtime"
)

func main() {
	if len(os.Args) != 2 {
		exit(fmt.Errorf("usage: cities raw-time-zones.json"))
	}
	text, err := os.ReadFile(os.Args[1])
	exit(err)
	var zones []struct {
		Name       string   `json:"name"`
		MainCities []string `json:"mainCities"`
	}
	exit(json.Unmarshal(text, &zones))
	var lines []string
	for _, z := range zones {
		if _, err := localtime.Load(z.Name); err == nil && len(z.MainCities) > 0 {
			lines = append(lines, z.Name+"\t"+strings.Join(z.MainCities, "\t")+"\n")
		}
	}
	slices.Sort(lines)
	exit(os.WriteFile("internal/localtime/cities.tsv", []byte(strings.Join(lines, "")), 0o600))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
