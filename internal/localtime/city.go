package localtime

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"time"
)

// citiesText has a zone and its cities, the largest first, on each line. It is from the npm
// package @vvo/tzdb; cities/main.go writes it anew.
//
//go:embed cities.tsv
var citiesText string

// ZoneInfo is a zone that people can choose, by a city that they know.
type ZoneInfo struct {
	Name   string
	Cities []string
	// UTCOffset is that of the zone's clocks at the time of asking, such as -05:00.
	UTCOffset string
}

// ByCity lists the zones to choose from, from west to east as their clocks show at now, and
// of the same offset by name. UTC is among them.
func ByCity(now time.Time) []ZoneInfo {
	type placed struct {
		ZoneInfo
		offset time.Duration
	}
	all := make([]placed, 0, len(cities()))
	for _, c := range cities() {
		zone, err := Load(c.Name)
		if err != nil {
			continue // that there is none is held by a test
		}
		_, c.UTCOffset = zone.At(now)
		all = append(all, placed{c, zone.offset(now)})
	}
	slices.SortStableFunc(all, func(a, b placed) int { return int(a.offset/time.Second) - int(b.offset/time.Second) })
	found := make([]ZoneInfo, len(all))
	for i, p := range all {
		found[i] = p.ZoneInfo
	}
	return found
}

var cities = sync.OnceValue(func() []ZoneInfo {
	all := []ZoneInfo{{Name: "UTC", Cities: []string{}}}
	for line := range strings.Lines(citiesText) {
		parts := strings.Split(strings.TrimSpace(line), "\t")
		all = append(all, ZoneInfo{Name: parts[0], Cities: parts[1:]})
	}
	return all
})

// zonesByCity are the zones of cities in small letters; a city of several zones is in none.
var zonesByCity = sync.OnceValue(func() map[string]string {
	found := map[string]string{}
	note := func(city, zone string) {
		city = strings.ToLower(strings.ReplaceAll(city, "_", " "))
		if other, known := found[city]; known && other != zone {
			zone = ""
		}
		found[city] = zone
	}
	for _, c := range cities() {
		for _, city := range c.Cities {
			note(city, c.Name)
		}
	}
	for _, c := range cities() {
		own := strings.ToLower(strings.ReplaceAll(c.Name[strings.LastIndex(c.Name, "/")+1:], "_", " "))
		if _, known := found[own]; !known {
			note(own, c.Name)
		}
	}
	return found
})

// loadPlace is Load, and takes the name of a large city as well.
func loadPlace(name string) (*Zone, error) {
	zone, err := Load(name)
	if err == nil {
		return zone, nil
	}
	if of := zonesByCity()[strings.ToLower(name)]; of != "" {
		return Load(of)
	}
	return nil, err
}
