package decode

// SVE and SME (C4.1.36, C4.1.1): recognised as a whole, one row each, since nothing
// is told apart in them. They print as data.

var vectorSVE = group{class: Vector, feature: FeatSVE, rows: []def{
	{"SVE", "ooo0010o oooooooo oooooooo oooooooo", "{data}", nil, nil},
}}

var vectorSME = group{class: Vector, feature: FeatSME, rows: []def{
	{"SME", "1oo0000o oooooooo oooooooo oooooooo", "{data}", nil, nil},
}}
