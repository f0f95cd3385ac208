// Package fair is what keeps tenants out of each other's way: how many deployments of one
// live account run side by side, when all of an account's places were taken, and what
// sweeps have to look at, however much somebody has piled up.
package fair
