package overview

// Description is the product's own in test, nil for none.
func (o *Overview) Description() *string {
	if o.Test.Product.Description == "" {
		return nil
	}
	return &o.Test.Product.Description
}

// ImageURL is that of the first image in test, nil for none.
func (o *Overview) ImageURL() *string {
	if len(o.Test.Product.Images) == 0 {
		return nil
	}
	return &o.Test.Product.Images[0]
}

// ArchivedInTest tells that a go-live archives the product in live, too.
func (o *Overview) ArchivedInTest() bool { return !o.Test.Product.Active }
