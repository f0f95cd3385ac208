package order

// ReadAmount is for tests of amounts in currencies that nothing is sold in there.
var ReadAmount = (*Amount).read
