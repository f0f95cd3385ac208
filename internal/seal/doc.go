// Package seal owns what is encrypted at rest: the sealing keys of
// GOLIVE_SEALING_KEYS, what they seal and open, and tickets, which carry what
// nobody else can read or make.
//
// It knows no table: whoever stores a sealed value says where it belongs, by its
// Slot, and stores it.
package seal
