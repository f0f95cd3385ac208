// Package setup proves that tools/setup finds what a machine lacks, and installs it
// or says how. It holds tests only.
package setup
