package secrets_test

import "encoding/hex"

// Made once with the key of the tests; they must never need to change.
const goldenKeyID = "be4c517a9a11760c"

var (
	goldenHash   = unhex("cffa60686ccd719646518c7c11e77a0f31d8a9b080ab899d1a0de310e4a933f7")
	goldenSealed = unhex("0168dde6580c80e87e6ef99677ffbf099c9e3f45c99e555aa93c68160270e6754e23b8a21e1e7d40498fa3")
)

func unhex(s string) []byte {
	raw, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return raw
}
