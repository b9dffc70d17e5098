// Package element tests what a page sees of boxer in real browsers, with a
// stand-in for the core (web/test/fake.js): the element and its terminal, its
// errors, the offline app. Whole boxes in pages are tested by e2e's scripts.
package element
