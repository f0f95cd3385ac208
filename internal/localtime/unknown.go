package localtime

import (
	"fmt"
	"regexp"
	"strings"
)

// UnknownZoneError is a name that is no time zone.
type UnknownZoneError struct {
	Name string
	// Suggestion is the zone that was probably meant, "" where none is near.
	Suggestion string

	why string
}

func (e *UnknownZoneError) Error() string {
	if e.Suggestion == "" {
		return fmt.Sprintf("%q %s. Use an IANA name such as Europe/Berlin.", e.Name, e.why)
	}
	return fmt.Sprintf("%q %s. Did you mean %s?", e.Name, e.why, e.Suggestion)
}

// abbreviations are no zones, though the data knows some of them: half of them name
// several offsets, the others one that holds for half of the year. Beside each is
// what most people mean by it.
var abbreviations = map[string]string{
	"EST": "America/New_York", "EDT": "America/New_York", "ET": "America/New_York", "EST5EDT": "America/New_York",
	"CST": "America/Chicago", "CDT": "America/Chicago", "CT": "America/Chicago", "CST6CDT": "America/Chicago",
	"MST": "America/Denver", "MDT": "America/Denver", "MT": "America/Denver", "MST7MDT": "America/Denver",
	"PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "PT": "America/Los_Angeles", "PST8PDT": "America/Los_Angeles",
	"HST": "Pacific/Honolulu", "BST": "Europe/London", "WET": "Europe/Lisbon", "WEST": "Europe/Lisbon",
	"CET": "Europe/Berlin", "CEST": "Europe/Berlin", "MET": "Europe/Berlin", "MEZ": "Europe/Berlin",
	"EET": "Europe/Helsinki", "EEST": "Europe/Helsinki", "MSK": "Europe/Moscow",
	"IST": "Asia/Kolkata", "SGT": "Asia/Singapore", "JST": "Asia/Tokyo", "KST": "Asia/Seoul",
	"AEST": "Australia/Sydney", "AEDT": "Australia/Sydney", "NZST": "Pacific/Auckland", "NZDT": "Pacific/Auckland",
	"GMT": "UTC", "GMT0": "UTC", "Z": "UTC",
}

var bareOffset = regexp.MustCompile(`^(?i:UTC|GMT|Z)?\s*[+\-−]\s*\d`)

// refuse is the error of what shall not be a zone even if the data has it.
func refuse(name string) error {
	if name == "" {
		return &UnknownZoneError{Name: name, why: "isn't a time zone"}
	}
	if name == "Local" { // Go's word for the zone of this machine, which means nothing elsewhere
		return &UnknownZoneError{Name: name, why: "means a different time zone on every machine"}
	}
	if bareOffset.MatchString(name) {
		return &UnknownZoneError{Name: name, why: "is an offset, which may be wrong after the next clock change"}
	}
	if meant, ok := abbreviations[strings.ToUpper(name)]; ok {
		return &UnknownZoneError{name, meant, "is an abbreviation, not a time zone"}
	}
	return nil
}

// longest is more than any zone's name has; who sends more has made no typing error.
const longest = 64

func unknown(name string) *UnknownZoneError {
	if len(name) > longest {
		return &UnknownZoneError{Name: strings.ToValidUTF8(name[:longest], "") + "…", why: "isn't a time zone"}
	}
	return &UnknownZoneError{name, nearest(name), "isn't a time zone"}
}

// nearest is the zone whose name, or whose place alone, is most like name; ""
// where none is like it.
func nearest(name string) string {
	asked := fold(name)
	best, least := "", tolerance(len(asked))+1
	for _, candidate := range names() {
		if refuse(candidate) != nil {
			continue
		}
		whole := fold(candidate)
		d := distance(asked, whole)
		if !strings.Contains(asked, "/") {
			d = min(d, distance(asked, whole[strings.LastIndex(whole, "/")+1:]))
		}
		if d < least || d == least && len(candidate) < len(best) { // UTC rather than Etc/UTC
			best, least = candidate, d
		}
	}
	return best
}

// tolerance is how many letters of a name may be wrong: two of four say nothing of what
// was meant.
func tolerance(letters int) int {
	if letters <= 4 {
		return 1
	}
	return max(2, letters/3)
}

func fold(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(name), "_"))
}

// distance is Levenshtein's: how many letters must be typed anew.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
