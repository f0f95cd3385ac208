package plan

import "github.com/golive-hq/golive/internal/catalog"

// Object names an object of test or of live. An id alone does not: people choose a
// product's, so that a price may have the same.
type Object struct {
	Resource catalog.Resource
	ID       string
}

// Links maps test objects to the ids of the live objects that Golive created or
// adopted.
type Links map[Object]string

// Product returns the live id of a test product, "" where there is no link.
func (l Links) Product(testID string) string { return l[Object{catalog.ResourceProduct, testID}] }

// Price returns the live id of a test price, "" where there is no link.
func (l Links) Price(testID string) string { return l[Object{catalog.ResourcePrice, testID}] }

// Prices maps the test ids of the linked prices to their live ids.
func (l Links) Prices() map[string]string {
	prices := map[string]string{}
	for object, liveID := range l {
		if object.Resource == catalog.ResourcePrice {
			prices[object.ID] = liveID
		}
	}
	return prices
}

// HasPrice tells that a live price is linked.
func (l Links) HasPrice(liveID string) bool {
	for object, id := range l {
		if object.Resource == catalog.ResourcePrice && id == liveID {
			return true
		}
	}
	return false
}
